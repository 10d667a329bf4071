{{ config(materialized='incremental', incremental_strategy='changed_days',
    meta={'days': 'int_affected_days'}) }}
{#- One row per key, window and metric: value and the standard error that independent rows would
    give. `trials` and `successes` are set where the metric is a share, `scale` says how its bounds
    are formed. -#}
with

sums as (
    select
        windowed.*,
        windowed.true_positives + windowed.false_negatives as actual_positives,
        windowed.true_positives + windowed.false_positives as predicted_positives,
        windowed.labeled_rows - windowed.false_positives - windowed.false_negatives as correct,
        windowed.true_positives + windowed.false_positives + windowed.false_negatives as relevant,
        windowed.labeled_rows - windowed.positive_rows as negative_rows,
        ranks.roc_auc,
        ranks.roc_auc_standard_error,
        ranks.roc_auc_error_bound,
        ranks.average_precision
    from {{ ref('int_performance_window') }} as windowed
    left join {{ ref('int_rank_metrics') }} as ranks
        on
            windowed.monitor = ranks.monitor
            and windowed.model_version = ranks.model_version
            and windowed.traffic = ranks.traffic
            and windowed.segment_name = ranks.segment_name
            and windowed.segment_value = ranks.segment_value
            and windowed.metric_date = ranks.metric_date
            and windowed.window_days = ranks.window_days
),

{%- set keys -%}
        monitor, model_version, traffic, segment_name, segment_value, metric_date, window_days,
        row_count, known_labels, labeled_rows, has_rows,
        {{ days_between('metric_date', 'first_day') }} + 1 >= window_days as is_whole_window, least(positive_rows, negative_rows) as rarer_rows
{%- endset %}

estimates as (
    {% for metric, successes, trials in [
        ('accuracy', 'correct', 'labeled_rows'),
        ('precision', 'true_positives', 'predicted_positives'),
        ('recall', 'true_positives', 'actual_positives'),
    ] %}
    select
        {{ keys }},
        '{{ metric }}' as metric_name,
        'share' as scale,
        {{ ratio(successes, trials) }} as metric_value,
        cast({{ trials }} as {{ type_double() }}) as trials,
        sqrt(
            ({{ successes }} + 1) * ({{ trials }} - {{ successes }} + 1)
            / power(cast({{ trials }} + 2 as {{ type_double() }}), 3)
        ) as standard_error,
        cast(0 as {{ type_double() }}) as error_bound
    from sums
    union all
    {% endfor %}
    select
        {{ keys }},
        'f1',
        'dice',
        {{ ratio('2 * true_positives', 'relevant + true_positives') }},
        relevant,
        2 * power(1 + {{ ratio('true_positives + 1', 'relevant + 2') }}, -2) * sqrt(
            (true_positives + 1) * (relevant - true_positives + 1)
            / power(cast(relevant + 2 as {{ type_double() }}), 3)
        ),
        0
    from sums
    union all
    select
        {{ keys }}, 'roc_auc', 'logit', roc_auc, null, roc_auc_standard_error,
        roc_auc_error_bound
    from sums
    union all
    select
        {{ keys }}, 'gini', 'gini', 2 * roc_auc - 1, null, 2 * roc_auc_standard_error,
        2 * roc_auc_error_bound
    from sums
    union all
    select
        {{ keys }},
        'average_precision',
        'logit',
        average_precision,
        null,
        sqrt(average_precision * (1 - average_precision) / nullif(positive_rows, 0)),
        null
    from sums
    union all
    select
        {{ keys }},
        'log_loss',
        'linear',
        log_loss_sum / nullif(labeled_rows, 0),
        null,
        {{ mean_standard_error('log_loss_sum', 'log_loss_square_sum', 'labeled_rows') }},
        0
    from sums
    union all
    select
        {{ keys }},
        'brier',
        'linear',
        brier_sum / nullif(labeled_rows, 0),
        null,
        {{ mean_standard_error('brier_sum', 'brier_square_sum', 'labeled_rows') }},
        0
    from sums
)

select * from estimates
