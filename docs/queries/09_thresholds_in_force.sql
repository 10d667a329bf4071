-- Which thresholds are in force on the as-of day for each segment, and which row set them?
-- This is the rule performance_level; name another rule, or a feature, for other targets.
select
    policies.monitor,
    policies.rule_id,
    policies.metric_name,
    policies.segment_name,
    policies.segment_value,
    policies.feature_name,
    policies.parameter,
    policies.parameter_value,
    policies.policy_origin,
    policies.policy_id,
    policies.valid_from,
    policies.valid_until
from driftline.policies_in_force as policies
inner join driftline.monitors as monitors
    on policies.monitor = monitors.monitor
where
    policies.rule_id = 'performance_level'
    and policies.valid_from <= coalesce(monitors.as_of, policies.valid_from)
    and (policies.valid_until is null or policies.valid_until > monitors.as_of)
order by
    policies.monitor, policies.segment_name, policies.segment_value, policies.parameter
