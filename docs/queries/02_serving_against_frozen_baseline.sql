-- What did renewal gain: the primary metric of what served against the first version, week by week?
-- Each row is the 7-day window that ends on a Sunday. The first version runs in shadow after its
-- replacement, so both columns are measured on the same requests.
with

first_versions as (
    select monitor, min_by(model_version, created_on) as first_version
    from driftline.model_versions
    group by monitor
),

weekly as (
    select
        performance.monitor,
        performance.metric_date as week_ends_on,
        performance.metric_name,
        performance.model_version,
        performance.metric_value,
        performance.lower_bound,
        performance.upper_bound,
        performance.labeled_rows
    from driftline.performance as performance
    inner join driftline.metric_definitions as definitions
        on
            performance.monitor = definitions.monitor
            and performance.metric_name = definitions.metric_name
            and definitions.is_primary
    where
        performance.segment_name = 'overall'
        and performance.window_days = 7
        and performance.reference = 'training'
        and performance.is_mature
        and performance.status <> 'insufficient_data'
        and isodow(performance.metric_date) = 7
)

select
    serving.monitor,
    serving.week_ends_on,
    serving.metric_name,
    round(serving.metric_value, 4) as serving_value,
    round(serving.lower_bound, 4) as serving_lower_bound,
    round(serving.upper_bound, 4) as serving_upper_bound,
    first_versions.first_version,
    round(frozen.metric_value, 4) as frozen_value,
    round(serving.metric_value - frozen.metric_value, 4) as difference,
    serving.labeled_rows
from weekly as serving
left join first_versions
    on serving.monitor = first_versions.monitor
left join weekly as frozen
    on
        serving.monitor = frozen.monitor
        and serving.week_ends_on = frozen.week_ends_on
        and frozen.model_version = first_versions.first_version
where serving.model_version = 'serving'
order by serving.monitor, serving.week_ends_on
