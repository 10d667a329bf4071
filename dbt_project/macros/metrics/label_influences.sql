{#- The metrics whose expectation follows from scores and the probability of a positive. -#}
{% macro estimated_metrics() %}
    {{ return(['accuracy', 'precision', 'recall', 'f1', 'roc_auc', 'log_loss', 'brier']) }}
{% endmacro %}


{#- CTEs that end in `expected`, one row per window with its metrics at expected labels, and in
    `influences`, the rows of `cells` with what each metric gains when one of their labels turns
    from 0 to 1. `cells` has window_id, score_cell, is_called, row_count, probability and
    mean_score; scores of one cell are tied. -#}
{% macro label_influences(cells) %}
{%- set positives = 'row_count * probability' -%}
{%- set negatives = 'row_count * (1 - probability)' -%}
ordered as (
    select
        *,
        {{ log_loss_term('mean_score', 1) }} as loss_of_positive,
        {{ log_loss_term('mean_score', 0) }} as loss_of_negative,
        (sum({{ negatives }}) over cells_through)
        - 0.5 * (sum({{ negatives }}) over one_cell) as negatives_below,
        (sum({{ positives }}) over whole_window) - (sum({{ positives }}) over cells_through)
        + 0.5 * (sum({{ positives }}) over one_cell) as positives_above
    from {{ cells }}
    window
        whole_window as (partition by window_id),
        cells_through as (partition by window_id order by score_cell),
        one_cell as (partition by window_id, score_cell)
),

totals as (
    select
        window_id,
        sum(row_count) as all_rows,
        sum({{ positives }}) as positives,
        sum({{ negatives }}) as negatives,
        sum(case when is_called then row_count else 0 end) as called_rows,
        sum(case when is_called then {{ positives }} else 0 end) as true_positives,
        sum({{ positives }} * negatives_below) as pairs_won,
        sum({{ positives }} * loss_of_positive + {{ negatives }} * loss_of_negative)
            as log_loss_sum,
        sum({{ positives }} * power(1 - mean_score, 2) + {{ negatives }} * power(mean_score, 2))
            as brier_sum
    from ordered
    group by window_id
),

expected as (
    select
        *,
        (negatives - called_rows + 2 * true_positives) / all_rows as expected_accuracy,
        true_positives / nullif(called_rows, 0) as expected_precision,
        true_positives / nullif(positives, 0) as expected_recall,
        2 * true_positives / nullif(called_rows + positives, 0) as expected_f1,
        pairs_won / nullif(positives * negatives, 0) as expected_roc_auc,
        log_loss_sum / all_rows as expected_log_loss,
        brier_sum / all_rows as expected_brier
    from totals
),

influences as (
    select
        ordered.*,
        (case when ordered.is_called then 1 else -1 end) / expected.all_rows as of_accuracy,
        (case when ordered.is_called then 1 else 0 end) / nullif(expected.called_rows, 0)
            as of_precision,
        ((case when ordered.is_called then 1 else 0 end) - expected.expected_recall)
        / nullif(expected.positives, 0) as of_recall,
        ((case when ordered.is_called then 2 else 0 end) - expected.expected_f1)
        / nullif(expected.called_rows + expected.positives, 0) as of_f1,
        (ordered.negatives_below / nullif(expected.negatives, 0) - expected.expected_roc_auc)
        / nullif(expected.positives, 0)
        - (ordered.positives_above / nullif(expected.positives, 0) - expected.expected_roc_auc)
        / nullif(expected.negatives, 0) as of_roc_auc,
        (ordered.loss_of_positive - ordered.loss_of_negative) / expected.all_rows as of_log_loss,
        (1 - 2 * ordered.mean_score) / expected.all_rows as of_brier
    from ordered
    inner join expected
        on ordered.window_id = expected.window_id
)
{% endmacro %}


{#- The rows of `cells` as those called positive and those not: its columns window_id, score_cell,
    probability, mean_score and those of `further`, with is_called and row_count. -#}
{% macro called_and_not(cells, rows, further=[]) -%}
select
        cells.window_id,
        cells.score_cell,
        cells.probability,
        cells.mean_score,
        {% for column in further %}
        cells.{{ column }},
        {% endfor %}
        cells.called_share > 0 and cells.called_share < 1 as is_cut,
        calls.is_called,
        cells.{{ rows }}
        * case when calls.is_called then cells.called_share else 1 - cells.called_share end
            as row_count
    from {{ cells }} as cells
    inner join (values (true), (false)) as calls (is_called)
        on
            (calls.is_called and cells.called_share > 0)
            or (not calls.is_called and cells.called_share < 1)
{%- endmacro %}
