{{ config(materialized='incremental', incremental_strategy='changed_days',
    meta={'days': 'int_affected_days'}) }}
{#- One row per key, window and metric: value and the standard error that independent rows would
    give. `trials` is set where the metric is a share, `scale` says how its bounds are formed.
    Windows of one day have the square of what the day pulls the metric of the 30 days up to it away
    from its value, what independent rows would give for it, and the day's part of the 30 days. -#}
{%- set shares = [
    ('accuracy', 'correct', 'labeled_rows'),
    ('precision', 'true_positives', 'predicted_positives'),
    ('recall', 'true_positives', 'actual_positives'),
    ('f1', 'true_positives', 'relevant'),
] -%}
{%- set means = [
    ('log_loss', 'log_loss_sum', 'log_loss_square_sum'),
    ('brier', 'brier_sum', 'brier_square_sum'),
] -%}
with

sums as (
    select
        *,
        true_positives + false_negatives as actual_positives,
        true_positives + false_positives as predicted_positives,
        labeled_rows - false_positives - false_negatives as correct,
        true_positives + false_positives + false_negatives as relevant,
        labeled_rows - positive_rows as negative_rows
    from {{ ref('int_performance_window') }} as windowed
    where exists (
        select 1
        from {{ ref('stg_monitors') }} as monitors
        where windowed.monitor = monitors.monitor and monitors.task = 'binary'
    )
),

beside_their_month as (
    select
        windowed.*,
        {% for metric, successes, trials in shares %}
        {{ ratio('last_month.' ~ successes, 'last_month.' ~ trials) }} as month_{{ metric }},
        {{ ratio('windowed.' ~ trials, 'last_month.' ~ trials) }} as part_of_{{ metric }},
        {% endfor %}
        {% for metric, value_sum, square_sum in means %}
        last_month.{{ value_sum }} / nullif(last_month.labeled_rows, 0) as month_{{ metric }},
        {{ row_variance('last_month.' ~ value_sum, 'last_month.' ~ square_sum,
            'last_month.labeled_rows') }} as month_{{ metric }}_variance,
        {% endfor %}
        {{ ratio('windowed.labeled_rows', 'last_month.labeled_rows') }} as part_of_rows,
        ranks.roc_auc,
        ranks.roc_auc_standard_error,
        ranks.roc_auc_error_bound,
        ranks.roc_auc_pull,
        ranks.roc_auc_pull_variance,
        ranks.average_precision,
        ranks.average_precision_error_bound,
        ranks.average_precision_excess,
        ranks.average_precision_standard_error,
        ranks.average_precision_pull,
        ranks.average_precision_pull_variance
    from sums as windowed
    left join sums as last_month
        on
            windowed.window_days = 1
            and last_month.window_days = 30
            and {{ same_columns('windowed', 'last_month', [
                'monitor', 'model_version', 'traffic', 'segment_name', 'segment_value',
                'metric_date',
            ]) }}
    left join {{ ref('int_rank_metrics') }} as ranks
        on {{ same_columns('windowed', 'ranks', [
            'monitor', 'model_version', 'traffic', 'segment_name', 'segment_value', 'metric_date',
            'window_days',
        ]) }}
),

{%- set keys -%}
        monitor, model_version, traffic, segment_name, segment_value, metric_date, window_days,
        row_count, known_labels, labeled_rows, labeled_square_sum, has_rows,
        {{ days_between('metric_date', 'first_day') }} + 1 >= window_days as is_whole_window, least(positive_rows, negative_rows) as rarer_rows
{%- endset %}

estimates as (
    {% for metric, successes, trials in shares %}
    {%- set month = 'month_' ~ metric %}
    select
        {{ keys }},
        '{{ metric }}' as metric_name,
        {% if metric == 'f1' %}
        'dice' as scale,
        {{ ratio('2 * true_positives', 'relevant + true_positives') }} as metric_value,
        {% else %}
        'share' as scale,
        {{ ratio(successes, trials) }} as metric_value,
        {% endif %}
        cast({{ trials }} as {{ type_double() }}) as trials,
        {{ '2 * power(1 + ' ~ ratio('true_positives + 1', 'relevant + 2') ~ ', -2) *'
            if metric == 'f1' }} sqrt(
            ({{ successes }} + 1) * ({{ trials }} - {{ successes }} + 1)
            / power(cast({{ trials }} + 2 as {{ type_double() }}), 3)
        ) as standard_error,
        cast(0 as {{ type_double() }}) as error_bound,
        cast(0 as {{ type_double() }}) as excess,
        power({{ successes }} - {{ month }} * {{ trials }}, 2) as pull_square,
        {{ trials }} * {{ month }} * (1 - {{ month }}) * (1 - part_of_{{ metric }})
            as pull_variance,
        part_of_{{ metric }} as part_of_month
    from beside_their_month
    union all
    {% endfor %}
    {% for metric, value_sum, square_sum in means %}
    select
        {{ keys }},
        '{{ metric }}',
        'loss',
        {{ value_sum }} / nullif(labeled_rows, 0),
        null,
        {{ mean_standard_error(value_sum, square_sum, 'labeled_rows') }},
        0,
        0,
        power({{ value_sum }} - month_{{ metric }} * labeled_rows, 2),
        labeled_rows * month_{{ metric }}_variance * (1 - part_of_rows),
        part_of_rows
    from beside_their_month
    union all
    {% endfor %}
    {% for metric, rank, factor in [('roc_auc', 'roc_auc', 1), ('gini', 'roc_auc', 2),
        ('average_precision', 'average_precision', 1)] %}
    select
        {{ keys }},
        '{{ metric }}',
        '{{ 'gini' if metric == 'gini' else 'logit' }}',
        {{ '2 * roc_auc - 1' if metric == 'gini' else rank }},
        null,
        {{ factor }} * {{ rank }}_standard_error,
        {{ factor }} * {{ rank }}_error_bound,
        {{ '0' if rank == 'roc_auc' else rank ~ '_excess' }},
        {{ factor * factor }} * power({{ rank }}_pull, 2),
        {{ factor * factor }} * {{ rank }}_pull_variance,
        part_of_rows
    from beside_their_month
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select * from estimates
union all
select * from {{ ref('int_regression_estimates') }}
