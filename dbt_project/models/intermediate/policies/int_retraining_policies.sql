{#- The parameters of retraining as columns, one row per monitor and day. -#}
select
    days.monitor,
    days.metric_date,
    {% for parameter in [
        'min_interval_days', 'yellow_days', 'drift_importance_share', 'schedule_days',
        'training_window_days', 'recent_days', 'recent_factor', 'half_life_days', 'holdout_days',
        'validation_days', 'min_training_rows', 'pending_days',
    ] %}
    cast(max(policies.parameter_value) filter (
        where policies.parameter = '{{ parameter }}'
    ) as {{ type_double() }}) as {{ parameter }},
    {% endfor %}
    max(policies.parameter_value) filter (where policies.parameter = 'weighting') as weighting
from (
    select monitor, metric_date from {{ ref('int_log_days') }}
    union
    select monitor, as_of from {{ ref('int_as_of') }}
) as days
inner join {{ ref('policies_in_force') }} as policies
    on
        days.monitor = policies.monitor
        and policies.rule_id = 'retraining'
        and days.metric_date >= policies.valid_from
        and (policies.valid_until is null or days.metric_date < policies.valid_until)
group by days.monitor, days.metric_date
