{#- The 99th percentile of PSI without drift, as CTEs, the last one `nulled`. It is a sum of
    squares: of bins less one alike, because rows are drawn, and of what days share, in fewer
    directions, so that its tail is longer. Mean, variance and third moment of the two give the
    quantile (Pearson 1959), F in the place of chi-square what the few blocks add that the mean is
    learned from. -#}
{% macro psi_null(sized) -%}
expected as (
    select
        *,
        {{ expected_psi('degrees_of_freedom', 'smaller_rows', 'larger_rows', 'bin_count') }}
            as expected_psi,
        {{ psi_row_spread(
            'degrees_of_freedom', '(smaller_rows / nullif(bin_count, 0))'
        ) }} as row_spread
    from {{ sized }}
    {{ computed_once() }}
),

moments as (
    select
        *,
        2 * (
            row_spread + 2 * day_part / degrees_of_freedom
            + concentration * day_part * day_part
        ) as variance,
        8 * (
            row_spread * sqrt(row_spread / degrees_of_freedom)
            + 3 * day_part * (1 / degrees_of_freedom + concentration * day_part)
            / degrees_of_freedom
            + power(concentration, 2) * power(day_part, 3)
        ) as third_moment
    from expected
    {{ computed_once() }}
),

shaped as (
    select
        *,
        greatest(2 * power(1 + day_part, 2) / variance, 1) as shape,
        greatest(8 * power(variance, 3) / power(third_moment, 2), 1) as tail_shape
    from moments
    {{ computed_once() }}
),

day_nulled as (
    select
        *,
        expected_psi * {{ sum_of_squares('2.3263478740408408') }} * case
            when day_part > 0
                then {{ f_p99(
                    'shape', '(shape * block_count * power(1 + 1 / day_part, 2))'
                ) }} / ({{ chi_square_p99('shape') }} / shape)
            else 1
        end as day_psi_p99
    from shaped
    {{ computed_once() }}
),

-- A PSI above 1 is no small shift, whose squares would add up: there blocks speak for themselves.
nulled as (
    select
        *,
        case
            when day_psi_p99 is not null and block_psi_p99 > 1
                then least(day_psi_p99, block_psi_p99)
            else day_psi_p99
        end as psi_null_p99
    from day_nulled
    {{ computed_once() }}
)
{%- endmacro %}


{#- Quantile of the sum of squares over its mean for independent rows, where the normal distribution
    has `normal_score`, from the columns of `shaped`. -#}
{% macro sum_of_squares(normal_score) -%}
(
    1 + day_part + sqrt(variance / (2 * tail_shape))
    * ({{ chi_square_quantile('tail_shape', normal_score) }} - tail_shape)
)
{%- endmacro %}
