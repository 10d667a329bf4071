{#- Every day from the first of the log to the as-of day, also days without rows. -#}
with

spans as (
    select
        days.monitor,
        min(days.metric_date) as first_day,
        max(as_of.as_of) as last_day
    from {{ ref('int_day_logs') }} as days
    inner join {{ ref('int_as_of') }} as as_of
        on days.monitor = as_of.monitor
    where days.log_rows > 0 and days.metric_date <= as_of.as_of
    group by days.monitor
)

select
    spans.monitor,
    spans.first_day,
    spans.last_day,
    days.metric_date
from spans
{{ explode_days_of('spans.first_day', 'spans.last_day', 'days', 'metric_date') }}
