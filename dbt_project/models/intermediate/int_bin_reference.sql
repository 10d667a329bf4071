{#- The rows that frozen bins are cut from: the history, or else the first 28 days of the log. -#}
with

spans as (
    select
        inferences.monitor,
        inferences.origin,
        min(inferences.metric_date) as first_day,
        max(inferences.metric_date) as last_day
    from {{ ref('int_inferences') }} as inferences
    group by inferences.monitor, inferences.origin
),

final as (
    select
        monitors.monitor,
        monitors.bins_version,
        spans.origin,
        spans.first_day as reference_from,
        case
            when spans.origin = 'history' then spans.last_day
            else cast(spans.first_day + 27 as date)
        end as reference_to
    from {{ ref('stg_monitors') }} as monitors
    inner join spans
        on
            monitors.monitor = spans.monitor
            and spans.origin = case when monitors.has_history then 'history' else 'log' end
    inner join {{ ref('int_as_of') }} as as_of
        on monitors.monitor = as_of.monitor
    where
        spans.origin = 'history'
        or as_of.as_of >= cast(spans.first_day + 27 as date)
)

select * from final
