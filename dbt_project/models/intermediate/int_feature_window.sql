{#- Rows per cell in the 1, 7 and 30 days that end on each day; empty cells are rows with 0. -#}
with

segment_values as (
    select distinct monitor, segment_name, segment_value
    from {{ ref('int_feature_histogram_daily') }}
    where origin = 'log'
),

spine as (
    select
        days.monitor,
        days.metric_date,
        segment_values.segment_name,
        segment_values.segment_value,
        cells.bins_version,
        cells.feature_name,
        cells.cell_id,
        cells.bin_id
    from {{ ref('int_log_days') }} as days
    inner join segment_values
        on days.monitor = segment_values.monitor
    inner join {{ ref('int_feature_cells') }} as cells
        on
            days.monitor = cells.monitor
            and cells.grain
            = case when segment_values.segment_name = 'overall' then 'fine' else 'public' end
),

daily as (
    select
        spine.*,
        coalesce(counts.row_count, 0) as row_count
    from spine
    left join {{ ref('int_feature_histogram_daily') }} as counts
        on
            spine.monitor = counts.monitor
            and counts.origin = 'log'
            and spine.metric_date = counts.metric_date
            and spine.segment_name = counts.segment_name
            and spine.segment_value = counts.segment_value
            and spine.feature_name = counts.feature_name
            and spine.cell_id = counts.cell_id
),

{{ trailing_rows('daily', [
    'monitor', 'segment_name', 'segment_value', 'bins_version', 'feature_name', 'cell_id', 'bin_id',
]) }}
