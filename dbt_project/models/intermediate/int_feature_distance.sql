{#- PSI, KS, Jensen-Shannon and Wasserstein of each window against each reference. PSI and JS are
    taken on public bins, KS and Wasserstein on cells (fine ones for overall). -#}
with

compared_cells as (
    select
        windowed.monitor,
        windowed.metric_date,
        windows.window_days,
        windowed.segment_name,
        windowed.segment_value,
        windowed.bins_version,
        windowed.feature_name,
        windowed.cell_id,
        windowed.bin_id,
        cells.bin_kind,
        cells.upper_bound - cells.lower_bound as cell_width,
        cells.feature_kind = 'numeric' and windowed.cell_id >= 0 as is_ordered,
        case windows.window_days
            when 1 then windowed.rows_1 when 7 then windowed.rows_7 else windowed.rows_30
        end as current_rows,
        {% for reference in ['training', 'stable'] %}
        case
            -- A reference that stands still is known once it has ended, not before.
            when windowed.metric_date <= {{ reference }}.reference_to then 0
            else coalesce({{ reference }}.reference_rows, 0) - (
                {{ clamp('windowed.rows_through_day', reference ~ '.log_rows_before',
                    reference ~ '.log_rows_through') }}
                - {{ clamp(
                    'windowed.rows_through_day - case windows.window_days when 1 then windowed.rows_1'
                    ~ ' when 7 then windowed.rows_7 else windowed.rows_30 end',
                    reference ~ '.log_rows_before', reference ~ '.log_rows_through') }}
            )
        end as {{ reference }}_rows,
        {% endfor %}
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
    from {{ ref('int_feature_window') }} as windowed
    inner join {{ ref('int_live_version_daily') }} as live
        on windowed.monitor = live.monitor and windowed.metric_date = live.metric_date
    inner join {{ ref('int_feature_cells') }} as cells
        on
            windowed.monitor = cells.monitor
            and windowed.feature_name = cells.feature_name
            and windowed.cell_id = cells.cell_id
            and cells.grain
            = case when windowed.segment_name = 'overall' then 'fine' else 'public' end
    left join {{ ref('int_feature_reference') }} as training
        on
            windowed.monitor = training.monitor
            and training.reference = 'training'
            and training.model_version = live.training_version
            and windowed.segment_name = training.segment_name
            and windowed.segment_value = training.segment_value
            and windowed.feature_name = training.feature_name
            and windowed.cell_id = training.cell_id
    left join {{ ref('int_feature_reference') }} as stable
        on
            windowed.monitor = stable.monitor
            and stable.reference = 'stable'
            and windowed.segment_name = stable.segment_name
            and windowed.segment_value = stable.segment_value
            and windowed.feature_name = stable.feature_name
            and windowed.cell_id = stable.cell_id
    cross join (values (1), (7), (30)) as windows (window_days)
),

{{ distribution_distances('compared_cells', [
    'monitor', 'metric_date', 'window_days', 'segment_name', 'segment_value', 'bins_version',
    'feature_name',
]) }}
