{#- Mergeable sums of everything that needs no ranking. -#}
with

finest as (
    select
        monitor,
        model_version,
        traffic,
        metric_date,
        segment_values,
        count(*) as row_count,
        count(*) filter (where score is null) as null_scores,
        count(*) filter (where score not between 0 and 1) as invalid_scores,
        sum(score) as score_sum,
        sum(score * score) as score_square_sum,
        min(score) as min_score,
        max(score) as max_score,
        count(label) as known_labels,
        count(*) filter (where is_judged) as labeled_rows,
        count(*) filter (where is_judged and label = 1) as positive_rows,
        count(*) filter (where is_judged and label = 1 and score >= decision_threshold)
            as true_positives,
        count(*) filter (where is_judged and label = 0 and score >= decision_threshold)
            as false_positives,
        count(*) filter (where is_judged and label = 1 and score < decision_threshold)
            as false_negatives,
        sum(case when is_judged then score end) as judged_score_sum,
        sum(case when is_judged then score * score end) as judged_score_square_sum,
        sum(case when is_judged then score * label end) as score_label_sum,
        sum(case when is_judged then {{ log_loss_term('score', 'label') }} end) as log_loss_sum,
        sum(case when is_judged then power({{ log_loss_term('score', 'label') }}, 2) end)
            as log_loss_square_sum,
        sum(case when is_judged then power(score - label, 2) end) as brier_sum,
        sum(case when is_judged then power(score - label, 4) end) as brier_square_sum
    from (
        select
            scored.*,
            monitors.decision_threshold,
            scored.label is not null and scored.score between 0 and 1 as is_judged
        from {{ ref('int_scored_rows') }} as scored
        inner join {{ ref('stg_monitors') }} as monitors
            on scored.monitor = monitors.monitor
    ) as rows_scored
    group by monitor, model_version, traffic, metric_date, segment_values
),

exploded as (
    select
        finest.*,
        {{ explode('segment_values', 'segment_value', 'position') }}
    from finest
),

segmented as (
    select
        'overall' as segment_name,
        'all' as segment_value,
        {{ select_columns('finest', ['monitor', 'model_version', 'traffic', 'metric_date',
            'segment_values'] + performance_counts() + performance_sums()
            + ['min_score', 'max_score']) }}
    from finest
    union all
    select
        segments.segment_name,
        coalesce(exploded.segment_value, 'unknown'),
        {{ select_columns('exploded', ['monitor', 'model_version', 'traffic', 'metric_date',
            'segment_values'] + performance_counts() + performance_sums()
            + ['min_score', 'max_score']) }}
    from exploded
    inner join {{ ref('stg_segments') }} as segments
        on exploded.monitor = segments.monitor and exploded.position = segments.position
)

select
    monitor,
    model_version,
    traffic,
    metric_date,
    segment_name,
    segment_value,
    {% for column in performance_counts() %}
    cast(coalesce(sum({{ column }}), 0) as bigint) as {{ column }},
    {% endfor %}
    {% for column in performance_sums() %}
    coalesce(sum({{ column }}), 0) as {{ column }},
    {% endfor %}
    min(min_score) as min_score,
    max(max_score) as max_score
from segmented
group by monitor, model_version, traffic, metric_date, segment_name, segment_value
