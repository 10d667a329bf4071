{{ config(materialized='view') }}
{#- What an error can depend on, by day: the bins of features and the values of segments, of what
    was answered and of what versions said of held-out rows. Bins that were cut anew have no part in
    what the former ones were counted for. Of a day that was sampled each row stands for as many as
    were left out beside it, the inverse of the share that was counted (Horvitz and Thompson
    1952). -#}
{%- set key = ['monitor', 'model_version', 'traffic', 'metric_date'] -%}
{%- set counts = ['positive_rows', 'false_positives', 'false_negatives'] -%}
with

sampled as (
    select
        {{ select_columns('facts', key) }},
        facts.bins_version,
        facts.feature_name,
        {{ ratio('max(days.labeled_rows)', 'sum(facts.labeled_rows)') }} as row_weight
    from {{ ref('int_loss_by_bin_daily') }} as facts
    inner join {{ ref('int_performance_daily') }} as days
        on
            {{ same_columns('facts', 'days', key) }}
            and days.segment_name = 'overall'
            and {{ first_left_out('days.labeled_rows') | indent(12) }} is not null
    group by {{ select_columns('facts', key) }}, facts.bins_version, facts.feature_name
),

patterns as (
    select
        'feature_bin' as pattern_kind,
        {{ select_columns('facts', key) }},
        'overall' as segment_name,
        'all' as segment_value,
        facts.feature_name,
        facts.bin_id,
        coalesce(sampled.row_weight, 1) as row_weight,
        facts.labeled_rows,
        {{ select_columns('facts', counts) }},
        facts.score_sum,
        facts.loss_sum,
        facts.loss_square_sum,
        facts.error_sum
    from {{ ref('int_loss_by_bin_daily') }} as facts
    inner join {{ ref('stg_monitors') }} as monitors
        on facts.monitor = monitors.monitor and facts.bins_version = monitors.bins_version
    left join sampled
        on {{ same_columns('facts', 'sampled', key + ['bins_version', 'feature_name']) }}
    union all
    select
        'segment',
        {{ select_columns('facts', key) }},
        facts.segment_name,
        facts.segment_value,
        'all',
        0,
        1,
        {{ error_count('monitors.task', 'facts') | indent(8) }},
        {% for column in counts %}
        case when monitors.task <> 'ranking' then facts.{{ column }} end,
        {% endfor %}
        case when monitors.task <> 'multiclass' then facts.judged_score_sum end,
        case monitors.task
            when 'regression' then facts.error_square_sum
            when 'ranking' then facts.query_count - facts.ndcg_sum
            else facts.log_loss_sum
        end,
        case monitors.task
            when 'regression' then facts.error_fourth_sum
            when 'ranking' then facts.query_count - 2 * facts.ndcg_sum + facts.ndcg_square_sum
            else facts.log_loss_square_sum
        end,
        facts.error_sum
    from {{ ref('int_performance_daily') }} as facts
    inner join {{ ref('stg_monitors') }} as monitors
        on facts.monitor = monitors.monitor
    where
        (facts.traffic = 'holdout' or facts.model_version = 'serving')
        and facts.segment_name <> 'overall'
        and {{ error_count('monitors.task', 'facts') | indent(8) }} > 0
)

select
    pattern_kind,
    {{ key | join(', ') }},
    segment_name,
    segment_value,
    feature_name,
    bin_id,
    labeled_rows as counted_rows,
    {% for column in counts %}
    {{ column }} as counted_{{ column }},
    {% endfor %}
    row_weight * row_weight * labeled_rows as weight_squares,
    {% for column in ['labeled_rows'] + counts
        + ['score_sum', 'loss_sum', 'loss_square_sum', 'error_sum'] %}
    row_weight * {{ column }} as {{ column }}{{ ',' if not loop.last }}
    {% endfor %}
from patterns
