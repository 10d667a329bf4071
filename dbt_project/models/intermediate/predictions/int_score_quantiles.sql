{#- Percentiles of the score and of the confidence max(p, 1 - p), placed at the mean score of the
    cell they fall into: exact to the width of a cell. -#}
with

live_windows as (
    select
        window_id, monitor, model_version, metric_date, window_days, segment_name, segment_value
    from {{ ref('int_performance_window') }}
    where traffic = 'live' and window_days <> 28
),

score_cells as (
    select
        cells.window_id, cells.score_cell as ordering_cell, cells.row_count,
        cells.score_sum / cells.row_count as cell_value,
        0 as is_confidence
    from {{ ref('int_score_window') }} as cells
    inner join live_windows
        on cells.window_id = live_windows.window_id
    union all
    select
        cells.window_id,
        case when cells.score_cell >= 0 then cells.score_cell else -cells.score_cell - 1 end,
        cells.row_count,
        greatest(cells.score_sum / cells.row_count, 1 - cells.score_sum / cells.row_count),
        1
    from {{ ref('int_score_window') }} as cells
    inner join live_windows
        on cells.window_id = live_windows.window_id
    inner join {{ ref('stg_monitors') }} as monitors
        on live_windows.monitor = monitors.monitor and monitors.task = 'binary'
),

merged as (
    select
        window_id,
        is_confidence,
        ordering_cell,
        sum(row_count) as row_count,
        sum(row_count * cell_value) / sum(row_count) as cell_value
    from score_cells
    group by window_id, is_confidence, ordering_cell
),

running as (
    select
        *,
        {{ ratio('sum(row_count) over key_cells', 'sum(row_count) over key_window') }}
            as share_through
    from merged
    window
        key_window as (partition by window_id, is_confidence),
        key_cells as (partition by window_id, is_confidence order by ordering_cell)
),

quantiles as (
    select
        window_id,
        {% for is_confidence, prefix in [(0, ''), (1, 'confidence_')] %}
        {% for name, share in [
            ('p05', 0.05), ('p25', 0.25), ('median', 0.5), ('p75', 0.75), ('p95', 0.95),
        ] %}
        min(cell_value) filter (
            where is_confidence = {{ is_confidence }} and share_through >= {{ share }}
        ) as {{ prefix }}{{ name }}{{ ',' if not (loop.last and is_confidence) }}
        {% endfor %}
        {% endfor %}
    from running
    group by window_id
)

select
    live_windows.monitor,
    live_windows.model_version,
    live_windows.metric_date,
    live_windows.window_days,
    live_windows.segment_name,
    live_windows.segment_value,
    {{ select_columns('quantiles', [
        'p05', 'p25', 'median', 'p75', 'p95', 'confidence_p05', 'confidence_p25',
        'confidence_median', 'confidence_p75', 'confidence_p95',
    ]) | replace(', ', ',\n    ') }}
from quantiles
inner join live_windows
    on quantiles.window_id = live_windows.window_id
