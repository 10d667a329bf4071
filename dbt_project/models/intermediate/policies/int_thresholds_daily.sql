{{ config(materialized='incremental', incremental_strategy='changed_days',
    meta={'days': 'int_affected_days'}) }}
{#- The measuring rules' parameters, one row per target and day, as columns. -#}
select
    days.monitor,
    days.metric_date,
    policies.rule_id,
    policies.metric_name,
    policies.segment_name,
    policies.segment_value,
    policies.feature_name,
    {% for parameter in [
        'threshold_yellow', 'threshold_red', 'min_rows', 'open_days', 'open_window_days',
        'close_days', 'close_factor', 'evidence_z', 'false_discovery_rate',
    ] %}
    cast(max(policies.parameter_value) filter (
        where policies.parameter = '{{ parameter }}'
    ) as {{ type_double() }}) as {{ parameter }}{{ ',' if not loop.last }}
    {% endfor %}
from {{ ref('int_affected_days') }} as days
inner join {{ ref('policies_in_force') }} as policies
    on
        days.monitor = policies.monitor
        and days.metric_date >= policies.valid_from
        and (policies.valid_until is null or days.metric_date < policies.valid_until)
where
    policies.rule_id
    not in ('retraining', 'promotion', 'rollout', 'attribution', 'estimation')
group by
    days.monitor, days.metric_date, policies.rule_id, policies.metric_name,
    policies.segment_name, policies.segment_value, policies.feature_name
