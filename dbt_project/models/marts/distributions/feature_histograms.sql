{{ config(materialized='incremental', incremental_strategy='changed_days',
    meta={'days': 'int_affected_days'}) }}
{#- Every bin of every day, empty ones too; the history is there for then-and-now pictures. -#}
with

windowed as (
    select series_id, metric_date, bin_id, sum(rows_1) as row_count
    from {{ ref('int_feature_window') }}
    group by series_id, metric_date, bin_id
),

history as (
    select
        monitor, metric_date, segment_name, segment_value, bins_version, feature_name, bin_id,
        'history' as origin,
        sum(row_count) as row_count
    from {{ ref('int_feature_histogram_daily') }} as counts
    where
        origin = 'history'
        and exists (
            select 1
            from {{ ref('int_affected_days') }} as affected
            where
                affected.monitor = counts.monitor
                and affected.metric_date = counts.metric_date
        )
    group by
        monitor, metric_date, segment_name, segment_value, bins_version, feature_name, bin_id
)

select
    series.monitor, windowed.metric_date, series.segment_name, series.segment_value,
    monitors.bins_version, series.feature_name, windowed.bin_id, 'log' as origin,
    cast(windowed.row_count as bigint) as row_count
from windowed
inner join {{ ref('int_feature_series') }} as series
    on windowed.series_id = series.series_id
inner join {{ ref('stg_monitors') }} as monitors
    on series.monitor = monitors.monitor
union all
select
    monitor, metric_date, segment_name, segment_value, bins_version, feature_name, bin_id,
    origin, cast(row_count as bigint)
from history
