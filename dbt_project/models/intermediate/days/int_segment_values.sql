{#- Every value a segment ever had in the log, from the day it was first seen. -#}
select
    monitor,
    segment_name,
    segment_value,
    min(metric_date) as first_day
from {{ ref('int_performance_daily') }}
where traffic = 'live' and model_version = 'serving'
group by monitor, segment_name, segment_value
