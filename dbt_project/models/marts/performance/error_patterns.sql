{{ config(materialized='incremental', incremental_strategy='changed_days',
    meta={'days': 'int_affected_days'}) }}
{#- Where the loss is: which bins of features and which values of segments lose more than all rows
    do, by how much, and what of that is more than chance. -#}
{%- set pattern = ['pattern_kind', 'monitor', 'segment_name', 'segment_value', 'feature_name',
    'bin_id', 'metric_date'] -%}
{%- set group = ['pattern_kind', 'monitor', 'segment_name', 'feature_name', 'metric_date',
    'window_days'] -%}
{%- set references = ['training', 'stable', 'rolling', 'previous'] -%}
with

rated as (
    select
        windowed.*,
        windowed.loss_sum / windowed.labeled_rows as loss,
        windowed.all_loss_sum / windowed.all_labeled_rows as loss_of_all,
        windowed.loss_sum
        - windowed.all_loss_sum / windowed.all_labeled_rows * windowed.labeled_rows
            as excess_loss,
        {{ mean_variance('windowed.') }} * effects.design_effect as loss_variance,
        {{ variance_of_mean('windowed.previous_loss_sum', 'windowed.previous_loss_square_sum',
            'windowed.previous_labeled_rows', 'windowed.previous_weight_squares') }}
        * effects.design_effect as previous_variance,
        {{ gap_variance('windowed.') }} * effects.gap_design_effect as excess_variance,
        effects.gap_design_effect as design_effect,
        effects.day_count,
        nullif(effects.day_count - 1, 0) as degrees,
        {{ add_days('windowed.metric_date', 'monitors.label_horizon_days') }}
        <= as_of.last_whole_day as is_mature
    from {{ ref('int_pattern_window') }} as windowed
    inner join {{ ref('int_pattern_day_effects') }} as effects
        on {{ same_columns('windowed', 'effects', pattern) }}
    inner join {{ ref('stg_monitors') }} as monitors
        on windowed.monitor = monitors.monitor
    inner join {{ ref('int_as_of') }} as as_of
        on windowed.monitor = as_of.monitor
),

-- What is known of a pattern's excess, in shares of the loss of all rows.
judged as (
    select
        *,
        loss / nullif(loss_of_all, 0) - 1 as excess,
        excess_variance / nullif(power(loss_of_all, 2), 0) as lift_variance,
        2 * {{ upper_normal(z_of_t(
            '((loss - loss_of_all) / sqrt(excess_variance))', 'degrees')) }} as p_value,
        coalesce(
            counted_rows >= 100
            and day_count >= 7
            and is_whole
            and excess_variance > 0
            and loss_of_all > 0,
            false
        ) as is_judged,
        coalesce(
            counted_rows >= 100
            and previous_counted_rows >= 100
            and day_count >= 7
            and is_whole
            and previous_is_whole,
            false
        ) as is_comparable
    from rated
),

{#- The more patterns are looked at, the more of them are large by chance. -#}
{{ false_discovery_q(
    'judged', 'p_value', ['monitor', 'metric_date', 'window_days'], 'is_judged'
) }},

-- The variance between patterns after DerSimonian and Laird (1986) around a lift of 1.
spread as (
    select
        *,
        greatest(
            sum(power(excess, 2) / lift_variance - 1) over family_of_pattern
            / nullif(sum(1 / lift_variance) over family_of_pattern, 0), 0
        ) as variance_between,
        sum(greatest(excess_loss, 0)) over group_of_pattern as positive_excess
    from discovered
    window
        family_of_pattern as (partition by monitor, metric_date, window_days, is_judged),
        group_of_pattern as (partition by {{ group | join(', ') }})
),

controlled as (
    select
        *,
        case
            when is_judged
                then 1 + excess * variance_between / (variance_between + lift_variance)
        end as shrunk_lift
    from spread
)

select
    monitor,
    'serving' as model_version,
    metric_date,
    window_days,
    pattern_kind,
    segment_name,
    segment_value,
    feature_name,
    bin_id,
    loss,
    loss_of_all,
    1 + excess as lift,
    shrunk_lift,
    counted_rows as row_count,
    {{ ratio('labeled_rows', 'all_labeled_rows') }} as row_share,
    -- What rounding leaves of a loss that is the same everywhere is no excess.
    case
        when positive_excess > 1e-12 * all_loss_sum
            then greatest(excess_loss, 0) / positive_excess
    end as share_of_excess_loss,
    case
        when all_loss_sum > 0 then greatest(excess_loss, 0) / all_loss_sum
    end as avoidable_share,
    {{ ratio('false_positives', 'labeled_rows - positive_rows') }} as false_positive_rate,
    {{ ratio('false_negatives', 'positive_rows') }} as false_negative_rate,
    counted_false_positives as false_positives,
    counted_false_negatives as false_negatives,
    counted_positive_rows as positive_rows,
    {{ ratio('positive_rows', 'labeled_rows') }} as observed_rate,
    coalesce(
        -error_sum / labeled_rows,
        {{ ratio('positive_rows', 'labeled_rows') }} - score_sum / labeled_rows
    ) as observed_minus_expected,
    power(loss_sum, 2) / nullif(day_loss_square_sum, 0) as effective_days,
    case when is_judged then design_effect end as design_effect,
    case when is_judged then p_value end as p_value,
    q_value,
    family_size,
    case when is_comparable then previous_loss_sum / previous_labeled_rows end as previous_loss,
    case
        when is_comparable then loss - previous_loss_sum / previous_labeled_rows
    end as loss_change,
    {% for bound, sign in [('change_lower_bound', '-'), ('change_upper_bound', '+')] %}
    case
        when is_comparable
            then loss - previous_loss_sum / previous_labeled_rows
                {{ sign }} 1.959963984540054 * ({{ t_over_z('(1 / degrees)') }})
                * sqrt(loss_variance + previous_variance)
    end as {{ bound }},
    {% endfor %}
    case
        when not is_judged then 'insufficient_data'
        when q_value < 0.05 and shrunk_lift >= 1.1 then 'weak'
        else 'ok'
    end as status,
    is_mature,
    score_sum / labeled_rows as mean_score
    {%- for reference in references %},
    {% set has_rows = 'case when ' ~ reference ~ '_is_whole and ' ~ reference
        ~ '_counted_rows >= 100 and is_whole and counted_rows >= 100' %}
    case when {{ reference }}_is_whole then cast({{ reference }}_counted_rows as bigint) end
        as {{ reference }}_row_count,
    {{ has_rows }} then {{ reference }}_positive_rows / {{ reference }}_labeled_rows end
        as {{ reference }}_observed_rate,
    {{ has_rows }} then {{ reference }}_score_sum / {{ reference }}_labeled_rows end
        as {{ reference }}_mean_score
    {%- endfor %}
from controlled
