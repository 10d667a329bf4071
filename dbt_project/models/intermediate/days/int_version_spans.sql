{#- First and last day of each version's rows, live and held out; `serving` is the log as a
    whole. -#}
select
    monitor,
    model_version,
    traffic,
    min(metric_date) as first_day,
    max(metric_date) as last_day
from {{ ref('int_performance_daily') }}
where segment_name = 'overall'
group by monitor, model_version, traffic
