{#- Every day from the first of the log to the as-of day, also days without rows. -#}
with

spans as (
    select
        inferences.monitor,
        min(inferences.metric_date) as first_day,
        min(as_of.as_of) as last_day
    from {{ ref('int_inferences') }} as inferences
    inner join {{ ref('int_as_of') }} as as_of
        on inferences.monitor = as_of.monitor
    where inferences.origin = 'log'
    group by inferences.monitor
)

select
    monitor,
    first_day,
    last_day,
    {{ explode_days('first_day', 'last_day') }} as metric_date
from spans
