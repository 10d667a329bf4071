{{ config(materialized='incremental', incremental_strategy='changed_days',
    meta={'days': 'int_affected_days'}) }}
select
    series.monitor,
    series.model_version,
    windowed.metric_date,
    series.segment_name,
    series.segment_value,
    monitors.bins_version,
    windowed.bin_id,
    cast(sum(windowed.rows_1) as bigint) as row_count
from {{ ref('int_prediction_window') }} as windowed
inner join {{ ref('int_prediction_series') }} as series
    on windowed.series_id = series.series_id
inner join {{ ref('stg_monitors') }} as monitors
    on series.monitor = monitors.monitor
group by
    series.monitor, series.model_version, windowed.metric_date, series.segment_name,
    series.segment_value, monitors.bins_version, windowed.bin_id
