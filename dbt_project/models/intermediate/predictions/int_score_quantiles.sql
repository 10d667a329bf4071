{#- Percentiles of the score and of the confidence max(p, 1 - p), placed at the mean score of the
    cell they fall into: exact to the width of a cell. -#}
with

score_cells as (
    select
        monitor, model_version, metric_date, window_days, segment_name, segment_value,
        score_cell as ordering_cell, row_count, score_sum / row_count as cell_value,
        'score' as measure
    from {{ ref('int_score_window') }}
    where traffic = 'live' and window_days <> 28
    union all
    select
        monitor, model_version, metric_date, window_days, segment_name, segment_value,
        case when score_cell >= 0 then score_cell else -score_cell - 1 end, row_count,
        greatest(score_sum / row_count, 1 - score_sum / row_count),
        'confidence'
    from {{ ref('int_score_window') }}
    where traffic = 'live' and window_days <> 28
),

merged as (
    select
        monitor, model_version, metric_date, window_days, segment_name, segment_value, measure,
        ordering_cell,
        sum(row_count) as row_count,
        sum(row_count * cell_value) / sum(row_count) as cell_value
    from score_cells
    group by
        monitor, model_version, metric_date, window_days, segment_name, segment_value, measure,
        ordering_cell
),

running as (
    select
        *,
        {{ ratio('sum(row_count) over key_cells', 'sum(row_count) over key_window') }}
            as share_through
    from merged
    window
        key_window as (
            partition by
                monitor, model_version, metric_date, window_days, segment_name, segment_value,
                measure
        ),
        key_cells as (
            partition by
                monitor, model_version, metric_date, window_days, segment_name, segment_value,
                measure
            order by ordering_cell
        )
)

select
    monitor, model_version, metric_date, window_days, segment_name, segment_value,
    {% for measure, prefix in [('score', ''), ('confidence', 'confidence_')] %}
    {% for name, share in [
        ('p05', 0.05), ('p25', 0.25), ('median', 0.5), ('p75', 0.75), ('p95', 0.95),
    ] %}
    min(cell_value) filter (
        where measure = '{{ measure }}' and share_through >= {{ share }}
    ) as {{ prefix }}{{ name }}{{ ',' if not (loop.last and measure == 'confidence') }}
    {% endfor %}
    {% endfor %}
from running
group by monitor, model_version, metric_date, window_days, segment_name, segment_value
