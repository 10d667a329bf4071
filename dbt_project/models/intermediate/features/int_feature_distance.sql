{{ config(materialized='incremental', incremental_strategy='changed_days',
    meta={'days': 'int_affected_days'}) }}
{#- PSI, KS, Jensen-Shannon and Wasserstein of each window against each reference. PSI and JS are
    taken on public bins, KS and Wasserstein on cells (fine ones for overall). A day is compared
    with the same weekday of the four weeks before too. -#}
with

series_cells as (
    select
        series.series_id,
        series.monitor,
        cells.cell_id,
        cells.bin_kind,
        cells.upper_bound - cells.lower_bound as cell_width,
        cells.feature_kind = 'numeric' and cells.cell_id >= 0 as is_ordered
    from {{ ref('int_feature_series') }} as series
    inner join {{ ref('int_feature_cells') }} as cells
        on
            series.monitor = cells.monitor
            and series.feature_name = cells.feature_name
            and series.grain = cells.grain
),

compared_cells as (
    select
        windowed.series_id,
        windowed.metric_date,
        windows.window_days,
        windowed.cell_id,
        windowed.bin_id,
        cells.bin_kind,
        cells.cell_width,
        cells.is_ordered,
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
        end as previous_rows,
        case when windows.window_days = 1 then windowed.same_weekday_rows else 0 end
            as same_weekday_rows
    from {{ ref('int_feature_window') }} as windowed
    inner join series_cells as cells
        on windowed.series_id = cells.series_id and windowed.cell_id = cells.cell_id
    inner join {{ ref('int_live_version_daily') }} as live
        on cells.monitor = live.monitor and windowed.metric_date = live.metric_date
    left join {{ ref('int_feature_reference') }} as training
        on
            training.reference = 'training'
            and training.model_version = live.training_version
            and windowed.series_id = training.series_id
            and windowed.cell_id = training.cell_id
    left join {{ ref('int_feature_reference') }} as stable
        on
            stable.reference = 'stable'
            and windowed.series_id = stable.series_id
            and windowed.cell_id = stable.cell_id
    cross join (values (1), (7), (30)) as windows (window_days)
),

{{ distribution_distances(
    'compared_cells', ['series_id', 'metric_date', 'window_days'], on_bins=['same_weekday']
) }}

select
    series.monitor,
    distances.metric_date,
    distances.window_days,
    series.segment_name,
    series.segment_value,
    monitors.bins_version,
    series.feature_name,
    {{ select_columns('distances', distance_columns()) | replace(', ', ',\n    ') }}
from distances
inner join {{ ref('int_feature_series') }} as series
    on distances.series_id = series.series_id
inner join {{ ref('stg_monitors') }} as monitors
    on series.monitor = monitors.monitor
