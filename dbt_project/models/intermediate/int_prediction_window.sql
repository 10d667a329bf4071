{#- Rows per score cell in the 1, 7 and 30 days that end on each day; empty cells are rows with 0.
    -#}
with

key_days as (
    select distinct monitor, model_version, segment_name, segment_value, metric_date
    from {{ ref('int_performance_window') }}
    where traffic = 'live' and window_days = 1
),

daily as (
    select
        key_days.*,
        cells.bins_version,
        cells.cell_id,
        cells.bin_id,
        coalesce(counts.row_count, 0) as row_count
    from key_days
    inner join {{ ref('int_prediction_cells') }} as cells
        on
            key_days.monitor = cells.monitor
            and cells.grain
            = case when key_days.segment_name = 'overall' then 'fine' else 'public' end
    left join {{ ref('int_prediction_histogram_daily') }} as counts
        on
            key_days.monitor = counts.monitor
            and counts.traffic = 'live'
            and key_days.model_version = counts.model_version
            and key_days.metric_date = counts.metric_date
            and key_days.segment_name = counts.segment_name
            and key_days.segment_value = counts.segment_value
            and cells.cell_id = counts.cell_id
),

{{ trailing_rows('daily', [
    'monitor', 'model_version', 'segment_name', 'segment_value', 'bins_version', 'cell_id', 'bin_id',
]) }}
