{#- Mergeable fact: rows, labels and positives per score cell; fine cells for overall, coarse ones
    for segments. -#}
with

fine as (
    select
        monitor,
        model_version,
        traffic,
        metric_date,
        segment_values,
        {{ score_cell('score', 50) }} as score_cell,
        count(*) as row_count,
        count(label) as labeled_rows,
        sum(label) as positive_rows,
        sum(score) as score_sum,
        sum(case when label is not null then score end) as labeled_score_sum
    from {{ ref('int_scored_rows') }}
    where score between 0 and 1
    group by monitor, model_version, traffic, metric_date, segment_values, score_cell
),

exploded as (
    select
        monitor, model_version, traffic, metric_date,
        cast(floor(score_cell / 5.0) as integer) as score_cell,
        row_count, labeled_rows, positive_rows, score_sum, labeled_score_sum,
        {{ explode('segment_values', 'segment_value', 'position') }}
    from fine
),

segmented as (
    select
        monitor, model_version, traffic, metric_date, 'overall' as segment_name,
        'all' as segment_value, score_cell, row_count, labeled_rows, positive_rows, score_sum,
        labeled_score_sum
    from fine
    union all
    select
        exploded.monitor, exploded.model_version, exploded.traffic, exploded.metric_date,
        segments.segment_name, coalesce(exploded.segment_value, 'unknown'), exploded.score_cell,
        exploded.row_count, exploded.labeled_rows, exploded.positive_rows, exploded.score_sum,
        exploded.labeled_score_sum
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
    score_cell,
    cast(sum(row_count) as bigint) as row_count,
    cast(sum(labeled_rows) as bigint) as labeled_rows,
    cast(coalesce(sum(positive_rows), 0) as bigint) as positive_rows,
    sum(score_sum) as score_sum,
    sum(labeled_score_sum) as labeled_score_sum
from segmented
group by
    monitor, model_version, traffic, metric_date, segment_name, segment_value, score_cell
