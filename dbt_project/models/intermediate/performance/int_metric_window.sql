{{ config(materialized='incremental', incremental_strategy='changed_days',
    meta={'days': 'int_affected_days'}) }}
{#- Metrics with 95 % bounds that allow for variation between days. -#}
with

widened as (
    select
        estimates.*,
        effects.design_effect,
        estimates.standard_error * sqrt(effects.design_effect) as day_error,
        estimates.trials / effects.design_effect as effective_trials
    from {{ ref('int_metric_estimates') }} as estimates
    inner join {{ ref('int_day_effects') }} as effects
        on
            estimates.monitor = effects.monitor
            and estimates.model_version = effects.model_version
            and estimates.traffic = effects.traffic
            and estimates.segment_name = effects.segment_name
            and estimates.segment_value = effects.segment_value
            and estimates.metric_name = effects.metric_name
            and estimates.metric_date = effects.metric_date
),

bounded as (
    select
        *,
        {% for name, sign in [('lower_bound', -1), ('upper_bound', 1)] %}
        case scale
            when 'share'
                then {{ wilson_bound('metric_value', 'nullif(effective_trials, 0)', sign) }}
            when 'dice'
                then {{ dice_bound('metric_value', 'nullif(effective_trials, 0)', sign) }}
            when 'logit' then {{ logit_bound('metric_value', 'day_error', sign) }}
            when 'gini'
                then 2 * {{ logit_bound('((metric_value + 1) / 2)', '(day_error / 2)', sign) }} - 1
            else metric_value + {{ sign }} * 1.959963984540054 * day_error
        end as {{ name }},
        {% endfor %}
        rarer_rows >= 30 as has_both_classes
    from widened
)

select
    monitor,
    model_version,
    traffic,
    segment_name,
    segment_value,
    metric_date,
    window_days,
    metric_name,
    metric_value,
    lower_bound,
    upper_bound,
    day_error as standard_error,
    design_effect,
    error_bound,
    row_count,
    known_labels,
    labeled_rows,
    has_both_classes,
    is_whole_window,
    has_rows
from bounded
