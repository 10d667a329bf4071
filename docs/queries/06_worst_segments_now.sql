-- Which segments have lost most of the primary metric against the live version's held-out weeks?
-- The newest mature 30-day window. A change smaller than noise_bound is what chance explains.
with

newest as (
    select monitor, max(metric_date) as metric_date
    from driftline.performance
    where model_version = 'serving' and window_days = 30 and is_mature
    group by monitor
)

select
    performance.monitor,
    performance.metric_date,
    performance.segment_name,
    performance.segment_value,
    performance.metric_name,
    round(performance.metric_value, 4) as metric_value,
    round(performance.reference_value, 4) as reference_value,
    round(performance.relative_change, 4) as relative_change,
    round(performance.noise_bound, 4) as noise_bound,
    performance.labeled_rows,
    performance.status
from driftline.performance as performance
inner join newest
    on
        performance.monitor = newest.monitor
        and performance.metric_date = newest.metric_date
inner join driftline.metric_definitions as definitions
    on
        performance.monitor = definitions.monitor
        and performance.metric_name = definitions.metric_name
        and definitions.is_primary
where
    performance.model_version = 'serving'
    and performance.segment_name <> 'overall'
    and performance.window_days = 30
    and performance.reference = 'training'
order by
    performance.monitor,
    case performance.status
        when 'red' then 0 when 'yellow' then 1 when 'ok' then 2 else 3
    end,
    performance.relative_change
        * case performance.direction when 'higher' then 1 else -1 end
