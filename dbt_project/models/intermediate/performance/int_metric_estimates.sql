{{ config(materialized='incremental', incremental_strategy='changed_days',
    meta={'days': 'int_affected_days'}) }}
{#- One row per key, window and metric: value and the standard error that independent rows would
    give. `trials` is set where the metric is a share, `scale` says how its bounds are formed.
    Windows of one day have the square of what the day pulls the metric of the 30 days up to it away
    from its value, what independent rows would give for it, and the day's part of the 30 days. -#}
{%- set shares = [
    ('accuracy', 'correct', 'labeled_rows', tasks_of_chances()),
    ('precision', 'true_positives', 'predicted_positives', ['binary']),
    ('recall', 'true_positives', 'actual_positives', ['binary']),
    ('f1', 'true_positives', 'relevant', ['binary']),
] -%}
{%- set means = [
    ('log_loss', 'log_loss_sum', 'log_loss_square_sum', 'labeled_rows', tasks_of_chances(), 'loss'),
    ('brier', 'brier_sum', 'brier_square_sum', 'labeled_rows', ['binary'], 'loss'),
    ('ndcg', 'ndcg_sum', 'ndcg_square_sum', 'query_count', ['ranking'], 'logit'),
    ('map', 'map_sum', 'map_square_sum', 'query_count', ['ranking'], 'logit'),
] -%}
{%- set keys = [
    'monitor', 'model_version', 'traffic', 'segment_name', 'segment_value', 'metric_date',
    'window_days', 'row_count', 'known_labels', 'labeled_rows', 'labeled_square_sum', 'has_rows',
    'is_whole_window', 'rarer_rows',
] | join(', ') -%}
with

sums as (
    select
        windowed.*,
        monitors.task,
        {{ days_between('windowed.metric_date', 'windowed.first_day') }} + 1
        >= windowed.window_days as is_whole_window,
        windowed.true_positives + windowed.false_negatives as actual_positives,
        windowed.true_positives + windowed.false_positives as predicted_positives,
        case monitors.task
            when 'multiclass' then windowed.correct_rows
            else windowed.labeled_rows - windowed.false_positives - windowed.false_negatives
        end as correct,
        windowed.true_positives + windowed.false_positives + windowed.false_negatives as relevant,
        -- What a metric rests on: of several classes those of each are looked at where they count.
        case monitors.task
            when 'binary'
                then least(windowed.positive_rows, windowed.labeled_rows - windowed.positive_rows)
            when 'ranking' then cast(windowed.query_count as bigint)
            else windowed.labeled_rows
        end as rarer_rows
    from {{ ref('int_performance_window') }} as windowed
    inner join {{ ref('stg_monitors') }} as monitors
        on windowed.monitor = monitors.monitor and monitors.task <> 'regression'
),

beside_their_month as (
    select
        windowed.*,
        {% for metric, successes, trials, tasks in shares %}
        {{ ratio('last_month.' ~ successes, 'last_month.' ~ trials) }} as month_{{ metric }},
        {{ ratio('windowed.' ~ trials, 'last_month.' ~ trials) }} as part_of_{{ metric }},
        {% endfor %}
        {% for metric, value_sum, square_sum, row_count, tasks, scale in means %}
        {{ ratio('last_month.' ~ value_sum, 'last_month.' ~ row_count) }} as month_{{ metric }},
        {{ row_variance('last_month.' ~ value_sum, 'last_month.' ~ square_sum,
            'last_month.' ~ row_count) }} as month_{{ metric }}_variance,
        {% endfor %}
        {{ ratio('windowed.labeled_rows', 'last_month.labeled_rows') }} as part_of_labeled_rows,
        {{ ratio('windowed.query_count', 'last_month.query_count') }} as part_of_query_count,
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
        on
            ranks.class_position = 0
            and {{ same_columns('windowed', 'ranks', [
                'monitor', 'model_version', 'traffic', 'segment_name', 'segment_value',
                'metric_date', 'window_days',
            ]) }}
),

estimates as (
    {% for metric, successes, trials, tasks in shares %}
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
    where task in ('{{ tasks | join("', '") }}')
    union all
    {% endfor %}
    {% for metric, value_sum, square_sum, row_count, tasks, scale in means %}
    select
        {{ keys }},
        '{{ metric }}',
        '{{ scale }}',
        {{ value_sum }} / nullif({{ row_count }}, 0),
        null,
        {{ mean_standard_error(value_sum, square_sum, row_count) }},
        0,
        0,
        power({{ value_sum }} - month_{{ metric }} * {{ row_count }}, 2),
        {{ row_count }} * month_{{ metric }}_variance * (1 - part_of_{{ row_count }}),
        part_of_{{ row_count }}
    from beside_their_month
    where task in ('{{ tasks | join("', '") }}')
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
        part_of_labeled_rows
    from beside_their_month
    where task = 'binary'
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select * from estimates
union all
select * from {{ ref('int_calibration_estimates') }}
union all
select * from {{ ref('int_macro_estimates') }}
union all
select * from {{ ref('int_regression_estimates') }}
union all
select * from {{ ref('int_business_estimates') }}
