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

stable as (
    select
        monitor, model_version, segment_name, segment_value, cell_id,
        min(metric_date) as stable_to,
        min(rows_through_day) as row_count
    from (
        select
            *,
            row_number() over (
                partition by monitor, model_version, segment_name, segment_value, cell_id
                order by metric_date
            ) as day_number
        from {{ ref('int_prediction_window') }}
    ) as numbered
    where day_number = 28
    group by monitor, model_version, segment_name, segment_value, cell_id
),

compared_cells as (
    select
        windowed.monitor,
        windowed.model_version,
        windowed.metric_date,
        windows.window_days,
        windowed.segment_name,
        windowed.segment_value,
        windowed.bins_version,
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
            when windowed.metric_date - windows.window_days >= stable.stable_to
                then stable.row_count
            else 0
        end as training_rows,
        case
            when windowed.metric_date - windows.window_days >= stable.stable_to
                then stable.row_count
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
        end as previous_rows
    from {{ ref('int_prediction_window') }} as windowed
    inner join {{ ref('int_prediction_cells') }} as cells
        on
            windowed.monitor = cells.monitor
            and windowed.cell_id = cells.cell_id
            and cells.grain
            = case when windowed.segment_name = 'overall' then 'fine' else 'public' end
    left join {{ ref('int_live_version_daily') }} as live
        on windowed.monitor = live.monitor and windowed.metric_date = live.metric_date
    left join judged_versions
        on
            windowed.monitor = judged_versions.monitor
            and judged_versions.model_version = case
                when windowed.model_version = 'serving' then live.live_version
                else windowed.model_version
            end
    left join holdout
        on
            windowed.monitor = holdout.monitor
            and holdout.model_version = case
                when windowed.model_version = 'serving' then live.live_version
                else windowed.model_version
            end
            and windowed.segment_name = holdout.segment_name
            and windowed.segment_value = holdout.segment_value
            and windowed.cell_id = holdout.cell_id
    left join stable
        on
            windowed.monitor = stable.monitor
            and windowed.model_version = stable.model_version
            and windowed.segment_name = stable.segment_name
            and windowed.segment_value = stable.segment_value
            and windowed.cell_id = stable.cell_id
    cross join (values (1), (7), (30)) as windows (window_days)
),

{{ distribution_distances('compared_cells', [
    'monitor', 'model_version', 'metric_date', 'window_days', 'segment_name', 'segment_value',
    'bins_version',
]) }}
