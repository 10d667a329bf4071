{#- Rows per cell in the 1, 7 and 30 days that end on each affected day; empty cells are rows
    with 0. -#}
with

spine as (
    select
        series.series_id,
        days.metric_date,
        cells.cell_id,
        cells.bin_id
    from {{ ref('int_feature_series') }} as series
    inner join {{ ref('int_reached_days') }} as days
        on series.monitor = days.monitor
    inner join {{ ref('int_feature_cells') }} as cells
        on
            series.monitor = cells.monitor
            and series.feature_name = cells.feature_name
            and series.grain = cells.grain
),

counts as (
    select
        series.series_id,
        facts.metric_date,
        facts.cell_id,
        facts.row_count
    from {{ ref('int_feature_histogram_daily') }} as facts
    inner join {{ ref('int_reached_days') }} as days
        on facts.monitor = days.monitor and facts.metric_date = days.metric_date
    inner join {{ ref('int_feature_series') }} as series
        on
            facts.monitor = series.monitor
            and facts.segment_name = series.segment_name
            and facts.segment_value = series.segment_value
            and facts.feature_name = series.feature_name
    inner join {{ ref('stg_monitors') }} as monitors
        on facts.monitor = monitors.monitor and facts.bins_version = monitors.bins_version
    where facts.origin = 'log'
),

daily as (
    select
        spine.series_id, spine.metric_date, spine.cell_id, spine.bin_id,
        coalesce(counts.row_count, 0) as row_count
    from spine
    left join counts
        on
            spine.series_id = counts.series_id
            and spine.metric_date = counts.metric_date
            and spine.cell_id = counts.cell_id
),

{{ trailing_rows('daily', ['series_id', 'cell_id', 'bin_id']) }}

select windowed.*
from windowed
inner join {{ ref('int_feature_series') }} as series
    on windowed.series_id = series.series_id and windowed.metric_date >= series.first_day
inner join {{ ref('int_affected_days') }} as affected
    on series.monitor = affected.monitor and windowed.metric_date = affected.metric_date
