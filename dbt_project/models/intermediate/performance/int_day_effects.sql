{#- How much more a metric varies from day to day than independent rows would: the squared Birge
    ratio (Cochran's Q over its degrees of freedom) of the last 28 days, at least 1. -#}
with

daily as (
    select
        monitor, model_version, traffic, segment_name, segment_value, metric_name, metric_date,
        case when usable then 1 else 0 end as usable_day,
        case when usable then 1 / power(standard_error, 2) else 0 end as weight,
        case when usable then metric_value / power(standard_error, 2) else 0 end
            as weighted_value,
        case when usable then power(metric_value, 2) / power(standard_error, 2) else 0 end
            as weighted_square
    from (
        select
            *,
            coalesce(metric_value is not null and standard_error > 0 and rarer_rows >= 10, false)
                as usable
        from {{ ref('int_metric_estimates') }}
        where window_days = 1
    ) as estimates
),

trailing_sums as (
    select
        daily.monitor, daily.model_version, daily.traffic, daily.segment_name,
        daily.segment_value, daily.metric_name, windows.metric_date,
        sum(daily.usable_day) as day_count,
        sum(daily.weight) as weight,
        sum(daily.weighted_value) as weighted_value,
        sum(daily.weighted_square) as weighted_square
    from {{ ref('int_window_days') }} as windows
    inner join daily
        on
            windows.monitor = daily.monitor
            and windows.member_date = daily.metric_date
            and windows.window_days = 28
    group by
        daily.monitor, daily.model_version, daily.traffic, daily.segment_name,
        daily.segment_value, daily.metric_name, windows.metric_date
)

select
    monitor,
    model_version,
    traffic,
    segment_name,
    segment_value,
    metric_name,
    metric_date,
    day_count,
    case
        when day_count >= 7
            then greatest(
                1.0,
                (weighted_square - power(weighted_value, 2) / weight) / (day_count - 1)
            )
        else 1.0
    end as design_effect
from trailing_sums
