{{ config(materialized='view') }}
{#- Metrics at expected labels, and the standard error of their difference from what labels will
    show: from the labels themselves and from the rates of the map, with design effects. -#}
with

cells as (
    {{ called_and_not(ref('int_estimated_cells'), 'row_count',
        ['monitor', 'model_version', 'cells_per_unit', 'block_id', 'block_rows',
        'label_variance']) }}
),

{{ label_influences('cells') }},

-- Rows of a block share the error of its rate.
blocks as (
    select
        window_id,
        monitor,
        model_version,
        {% for metric in estimated_metrics() %}
        sum(row_count * power(of_{{ metric }}, 2)) * max(label_variance) as labels_{{ metric }},
        power(sum(row_count * of_{{ metric }}), 2) * max(label_variance) / max(block_rows)
            as map_{{ metric }}{{ ',' if not loop.last }}
        {% endfor %}
    from influences
    group by window_id, monitor, model_version, block_id
),

by_metric as (
    {% for metric in estimated_metrics() %}
    select
        window_id,
        monitor,
        model_version,
        '{{ metric }}' as metric_name,
        sum(labels_{{ metric }}) as of_labels,
        sum(map_{{ metric }}) as of_map
    from blocks
    group by window_id, monitor, model_version
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

-- What the threshold cuts may be called as a whole, or not at all.
ends as (
    select
        window_id,
        max(cells_per_unit) as cells_per_unit,
        {% for end, is_called in [
            ('least', 'is_called and not is_cut'), ('most', 'is_called or is_cut'),
        ] %}
        sum(case when {{ is_called }} then row_count else 0 end) as {{ end }}_called,
        sum(case when {{ is_called }} then row_count * probability else 0 end) as {{ end }}_true
        {{- ',' if not loop.last }}
        {% endfor %}
    from cells
    group by window_id
),

ties as (
    select window_id, sum(positives * negatives) as tied_pairs
    from (
        select
            window_id,
            score_cell,
            sum(row_count * probability) as positives,
            sum(row_count * (1 - probability)) as negatives
        from cells
        group by window_id, score_cell
    ) as in_cells
    group by window_id
),

bounded as (
    select
        expected.*,
        ends.cells_per_unit, ends.least_called, ends.least_true, ends.most_called, ends.most_true,
        ties.tied_pairs
    from expected
    inner join ends
        on expected.window_id = ends.window_id
    inner join ties
        on expected.window_id = ties.window_id
),

estimates as (
    {% for metric in estimated_metrics() %}
    select
        window_id,
        all_rows,
        least(positives, negatives) as rarer_rows,
        '{{ metric }}' as metric_name,
        expected_{{ metric }} as estimated_value,
        {% if metric == 'roc_auc' %}
        0.5 * tied_pairs / nullif(positives * negatives, 0) as error_bound
        {% elif metric in ('log_loss', 'brier') %}
        1 / ({{ 8 if metric == 'log_loss' else 64 }} * power(cells_per_unit, 2)) as error_bound
        {% else %}
        greatest(
            {% for end in ['least', 'most'] %}
            {% if metric == 'accuracy' %}
            abs((negatives - {{ end }}_called + 2 * {{ end }}_true) / all_rows
            {% elif metric == 'precision' %}
            abs({{ end }}_true / nullif({{ end }}_called, 0)
            {% elif metric == 'recall' %}
            abs({{ end }}_true / nullif(positives, 0)
            {% else %}
            abs(2 * {{ end }}_true / nullif({{ end }}_called + positives, 0)
            {% endif %}
                - expected_{{ metric }}){{ ',' if not loop.last }}
            {% endfor %}
        ) as error_bound
        {% endif %}
    from bounded
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

variances as (
    select
        by_metric.window_id,
        by_metric.metric_name,
        sum(by_metric.of_labels + by_metric.of_map) as of_rows,
        sum(
            by_metric.of_labels * coalesce(effects.excess, 0) * scorers.day_crowd
            + by_metric.of_map * coalesce(effects.excess * effects.day_crowd, 0)
        ) as of_days,
        min(effects.effective_days) as effective_days
    from by_metric
    inner join {{ ref('int_window_scorers') }} as scorers
        on
            by_metric.window_id = scorers.window_id
            and by_metric.model_version = scorers.model_version
    left join {{ ref('int_calibration_effects') }} as effects
        on {{ same_columns('by_metric', 'effects', ['monitor', 'model_version', 'metric_name']) }}
    group by by_metric.window_id, by_metric.metric_name
),

-- The part of the days is known from few of them: Student's quantile (Satterthwaite 1946).
erred as (
    select
        estimates.*,
        sqrt(variances.of_rows + variances.of_days) * ({{ t_over_z(
            'coalesce(power(variances.of_days'
            ~ ' / nullif(variances.of_rows + variances.of_days, 0), 2)'
            ~ ' / variances.effective_days, 0)'
        ) }}) as standard_error
    from estimates
    inner join variances
        on
            estimates.window_id = variances.window_id
            and estimates.metric_name = variances.metric_name
)

select window_id, metric_name, all_rows, rarer_rows, estimated_value, standard_error, error_bound
from erred
union all
select
    window_id, 'gini', all_rows, rarer_rows, 2 * estimated_value - 1, 2 * standard_error,
    2 * error_bound
from erred
where metric_name = 'roc_auc'
