{{ config(materialized='incremental', incremental_strategy='changed_days',
    meta={'days': 'int_affected_days'}) }}
{#- The training reference of a version is what its candidate said on held-out rows; of serving,
    that of the version live on the day. A version that no job trained has its stable window
    instead. -#}
with

holdout as (
    select
        monitor, model_version, segment_name, segment_value, cell_id, sum(row_count) as row_count
    from {{ ref('int_prediction_histogram_daily') }}
    where traffic = 'holdout'
    group by monitor, model_version, segment_name, segment_value, cell_id
),

judged_versions as (
    select distinct monitor, model_version from holdout
),

-- The first 28 days of each version that has lived as long.
stable as (
    select
        spans.monitor, spans.model_version, counts.segment_name, counts.segment_value,
        counts.cell_id,
        sum(counts.row_count) as row_count
    from {{ ref('int_version_spans') }} as spans
    inner join {{ ref('int_prediction_histogram_daily') }} as counts
        on
            spans.monitor = counts.monitor
            and spans.model_version = counts.model_version
            and spans.traffic = 'live'
            and counts.traffic = 'live'
            and counts.metric_date <= {{ add_days('spans.first_day', 27) }}
    group by
        spans.monitor, spans.model_version, counts.segment_name, counts.segment_value,
        counts.cell_id
),

compared_cells as (
    select
        windowed.series_id,
        windowed.metric_date,
        windows.window_days,
        windowed.cell_id,
        windowed.bin_id,
        cells.bin_kind,
        cells.upper_bound - cells.lower_bound as cell_width,
        windowed.cell_id > -200000 as is_ordered,
        case windows.window_days
            when 1 then windowed.rows_1 when 7 then windowed.rows_7 else windowed.rows_30
        end as current_rows,
        case
            when judged_versions.model_version is not null then coalesce(holdout.row_count, 0)
            when
                {{ add_days('windowed.metric_date', '-windows.window_days') }}
                >= {{ add_days('spans.first_day', 27) }}
                then coalesce(stable.row_count, 0)
            else 0
        end as training_rows,
        case
            when
                {{ add_days('windowed.metric_date', '-windows.window_days') }}
                >= {{ add_days('spans.first_day', 27) }}
                then coalesce(stable.row_count, 0)
            else 0
        end as stable_rows,
        case windows.window_days
            when 1 then windowed.rolling_rows_1
            when 7 then windowed.rolling_rows_7
            else windowed.previous_rows_30
        end as rolling_rows,
        case windows.window_days
            when 1 then windowed.previous_rows_1
            when 7 then windowed.previous_rows_7
            else windowed.previous_rows_30
        end as previous_rows,
        case when windows.window_days = 1 then windowed.same_weekday_rows else 0 end
            as same_weekday_rows
    from {{ ref('int_prediction_window') }} as windowed
    inner join {{ ref('int_prediction_series') }} as series
        on windowed.series_id = series.series_id
    inner join {{ ref('int_prediction_cells') }} as cells
        on
            series.monitor = cells.monitor
            and windowed.cell_id = cells.cell_id
            and series.grain = cells.grain
    left join {{ ref('int_live_version_daily') }} as live
        on series.monitor = live.monitor and windowed.metric_date = live.metric_date
    inner join {{ ref('int_version_spans') }} as spans
        on
            series.monitor = spans.monitor
            and series.model_version = spans.model_version
            and spans.traffic = 'live'
    left join judged_versions
        on
            series.monitor = judged_versions.monitor
            and judged_versions.model_version = case
                when series.model_version = 'serving' then live.live_version
                else series.model_version
            end
    left join holdout
        on
            series.monitor = holdout.monitor
            and holdout.model_version = case
                when series.model_version = 'serving' then live.live_version
                else series.model_version
            end
            and series.segment_name = holdout.segment_name
            and series.segment_value = holdout.segment_value
            and windowed.cell_id = holdout.cell_id
    left join stable
        on
            series.monitor = stable.monitor
            and series.model_version = stable.model_version
            and series.segment_name = stable.segment_name
            and series.segment_value = stable.segment_value
            and windowed.cell_id = stable.cell_id
    cross join (values (1), (7), (30)) as windows (window_days)
),

{{ distribution_distances(
    'compared_cells', ['series_id', 'metric_date', 'window_days'], on_bins=['same_weekday']
) }}

select
    series.monitor,
    series.model_version,
    distances.metric_date,
    distances.window_days,
    series.segment_name,
    series.segment_value,
    monitors.bins_version,
    {{ select_columns('distances', distance_columns()) | replace(', ', ',\n    ') }}
from distances
inner join {{ ref('int_prediction_series') }} as series
    on distances.series_id = series.series_id
inner join {{ ref('stg_monitors') }} as monitors
    on series.monitor = monitors.monitor
