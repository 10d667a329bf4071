{#- The span of days that frozen bins are cut from: the history, or else the first 28 days of
    the log once they are over. -#}
with

spans as (
    select
        days.monitor,
        monitors.bins_version,
        case when monitors.has_history then 'history' else 'log' end as origin,
        min(days.metric_date) as first_day,
        max(days.metric_date) as last_day
    from {{ ref('int_day_logs') }} as days
    inner join {{ ref('stg_monitors') }} as monitors
        on days.monitor = monitors.monitor
    inner join {{ ref('int_as_of') }} as as_of
        on days.monitor = as_of.monitor and days.metric_date <= as_of.as_of
    where case when monitors.has_history then days.history_rows else days.log_rows end > 0
    group by days.monitor, monitors.bins_version, monitors.has_history
)

select
    spans.monitor,
    spans.bins_version,
    spans.origin,
    spans.first_day as reference_from,
    case
        when spans.origin = 'history' then spans.last_day
        else {{ add_days('spans.first_day', 27) }}
    end as reference_to
from spans
inner join {{ ref('int_as_of') }} as as_of
    on spans.monitor = as_of.monitor
where spans.origin = 'history' or as_of.last_whole_day >= {{ add_days('spans.first_day', 27) }}
