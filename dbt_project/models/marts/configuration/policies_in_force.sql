{#- A row for `*` of any rule reaches rules that measure; parameters of retraining, promotion and
    rollout are named with their rule. -#}
with

matches as (
    select
        targets.monitor,
        targets.rule_id,
        targets.metric_name,
        targets.segment_name,
        targets.segment_value,
        targets.feature_name,
        policies.parameter,
        policies.parameter_value,
        policies.valid_from,
        policies.policy_id,
        policies.policy_origin,
        policies.specificity
    from {{ ref('int_policy_targets') }} as targets
    inner join {{ ref('int_policy_rows') }} as policies
        on
            policies.monitor in ('*', targets.monitor)
            and policies.rule_id in ('*', targets.rule_id)
            and policies.metric_name in ('*', targets.metric_name)
            and policies.segment_name in ('*', targets.segment_name)
            and policies.segment_value in ('*', targets.segment_value)
            and policies.feature_name in ('*', targets.feature_name)
            and (
                policies.rule_id <> '*'
                or targets.rule_id
                not in ('retraining', 'promotion', 'rollout', 'attribution', 'estimation')
            )
),

changes as (
    select distinct
        monitor, rule_id, metric_name, segment_name, segment_value, feature_name, parameter,
        valid_from as changed_on
    from matches
),

candidates as (
    select
        matches.*,
        changes.changed_on,
        row_number() over (
            partition by
                matches.monitor, matches.rule_id, matches.metric_name, matches.segment_name,
                matches.segment_value, matches.feature_name, matches.parameter,
                changes.changed_on
            order by
                matches.specificity desc, matches.policy_origin desc, matches.valid_from desc,
                {{ byte_order('matches.policy_id') }}
        ) as precedence
    from matches
    inner join changes
        on
            matches.monitor = changes.monitor
            and matches.rule_id = changes.rule_id
            and matches.metric_name = changes.metric_name
            and matches.segment_name = changes.segment_name
            and matches.segment_value = changes.segment_value
            and matches.feature_name = changes.feature_name
            and matches.parameter = changes.parameter
            and matches.valid_from <= changes.changed_on
),

winners as (
    select *
    from candidates
    where precedence = 1
)

select
    monitor,
    rule_id,
    metric_name,
    segment_name,
    segment_value,
    feature_name,
    parameter,
    changed_on as valid_from,
    lead(changed_on) over (
        partition by
            monitor, rule_id, metric_name, segment_name, segment_value, feature_name, parameter
        order by changed_on
    ) as valid_until,
    parameter_value,
    policy_id,
    policy_origin
from winners
