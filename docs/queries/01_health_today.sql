-- How is every model today, and what should be done next?
select
    health.monitor,
    health.metric_date,
    health.severity,
    health.live_version,
    health.primary_metric,
    round(health.primary_value, 4) as value_now,
    round(health.primary_lower_bound, 4) as lower_bound,
    round(health.primary_upper_bound, 4) as upper_bound,
    round(health.primary_value_when_deployed, 4) as value_when_deployed,
    health.open_alerts,
    health.last_retrained_on,
    health.next_step,
    monitors.owner
from driftline.model_health as health
inner join driftline.monitors as monitors
    on health.monitor = monitors.monitor and health.metric_date = monitors.as_of
order by
    case health.severity when 'red' then 0 when 'yellow' then 1 else 2 end,
    health.monitor
