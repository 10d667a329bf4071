{#- How often PSI without drift is as large as the one that was measured, as CTEs, the last one
    `weighed_psi`. Its normal score is the one at which the null quantile of psi_null is this PSI:
    that of F, of which all else is a factor that hardly depends on it. So the score goes through
    what it says of itself, from the 99th percentile on, where it is exact, and by secants. -#}
{% macro psi_p_value(nulled) -%}
scored_0 as (
    select
        *,
        2.3263478740408408e0 as score_0,
        -- Where blocks speak for themselves, the scale is theirs.
        psi / psi_null_p99 * day_psi_p99 / expected_psi as psi_ratio,
        coalesce(power(day_part / (1 + day_part), 2) / shape / block_count, 0)
            as inverse_divisor
    from {{ nulled }}
    {{ computed_once() }}
),

scored_1 as (
    select
        *,
        {{ score_of_psi('score_0') }} as score_1
    from scored_0
    {{ computed_once() }}
),

scored_2 as (
    select
        *,
        {{ score_of_psi('score_1') }} as next_1
    from scored_1
    {{ computed_once() }}
),

secant_2 as (
    select
        *,
        {{ secant_step('score_0', 'score_1', 'score_1', 'next_1') }} as score_2
    from scored_2
    {{ computed_once() }}
),

scored_3 as (
    select
        *,
        {{ score_of_psi('score_2') }} as next_2
    from secant_2
    {{ computed_once() }}
),

secant_3 as (
    select
        *,
        {{ secant_step('score_1', 'next_1', 'score_2', 'next_2') }} as normal_score
    from scored_3
    {{ computed_once() }}
),

weighed_psi as (
    select
        *,
        {{ upper_normal('normal_score') }} as psi_p_value
    from secant_3
    {{ computed_once() }}
)
{%- endmacro %}


{#- What the normal score of a PSI is, from what it may be: that of F. -#}
{% macro score_of_psi(score) -%}
{%- set score = 'greatest(' ~ score ~ ', 0)' -%}
{{ f_normal_score(
    '(psi_ratio * ' ~ chi_square_quantile('shape', score) ~ ' / shape / ' ~ sum_of_squares(score)
    ~ ')',
    'shape', 'inverse_divisor'
) }}
{%- endmacro %}


{#- Where a number would be the next one itself, by a straight line through two. -#}
{% macro secant_step(earlier, next_of_earlier, later, next_of_later) -%}
{%- set change = '(' ~ next_of_later ~ ' - ' ~ later ~ ')' -%}
{{ later }} - coalesce(
    {{ change }} * ({{ later }} - {{ earlier }})
    / nullif({{ change }} - ({{ next_of_earlier }} - {{ earlier }}), 0),
    0
)
{%- endmacro %}
