{#- Rows per score cell in the 1, 7 and 30 days that end on each affected day; empty cells are
    rows with 0. Days of a version without rows of its own are counted, but say nothing of
    themselves. -#}
with

counts as (
    select
        series.series_id,
        facts.metric_date,
        facts.cell_id,
        facts.row_count
    from {{ ref('int_prediction_histogram_daily') }} as facts
    inner join {{ ref('int_reached_days') }} as days
        on facts.monitor = days.monitor and facts.metric_date = days.metric_date
    inner join {{ ref('int_prediction_series') }} as series
        on
            facts.monitor = series.monitor
            and facts.model_version = series.model_version
            and facts.segment_name = series.segment_name
            and facts.segment_value = series.segment_value
    where facts.traffic = 'live'
),

daily as (
    select
        series.series_id,
        days.metric_date,
        cells.cell_id,
        cells.bin_id,
        coalesce(counts.row_count, 0) as row_count
    from {{ ref('int_prediction_series') }} as series
    inner join {{ ref('int_reached_days') }} as days
        on series.monitor = days.monitor
    inner join {{ ref('int_prediction_cells') }} as cells
        on series.monitor = cells.monitor and series.grain = cells.grain
    left join counts
        on
            series.series_id = counts.series_id
            and days.metric_date = counts.metric_date
            and cells.cell_id = counts.cell_id
),

{{ trailing_rows('daily', ['series_id', 'cell_id', 'bin_id']) }}

select windowed.*
from windowed
inner join {{ ref('int_prediction_series') }} as series
    on windowed.series_id = series.series_id
inner join {{ ref('int_performance_window') }} as keyed
    on
        series.monitor = keyed.monitor
        and series.model_version = keyed.model_version
        and series.segment_name = keyed.segment_name
        and series.segment_value = keyed.segment_value
        and windowed.metric_date = keyed.metric_date
        and keyed.traffic = 'live'
        and keyed.window_days = 1
        and keyed.has_rows
