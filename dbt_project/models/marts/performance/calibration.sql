{{ config(materialized='incremental', incremental_strategy='changed_days',
    meta={'days': 'int_affected_days'}) }}
{#- Ten bins of about equal mass, cut anew in each window along the cells of the score. -#}
with

running as (
    select
        *,
        sum(labeled_rows) over (
            partition by
                monitor, model_version, segment_name, segment_value, metric_date, window_days
            order by score_cell
        ) - labeled_rows as rows_before,
        sum(labeled_rows) over (
            partition by
                monitor, model_version, segment_name, segment_value, metric_date, window_days
        ) as total_rows
    from {{ ref('int_score_window') }}
    where traffic = 'live' and window_days <> 28 and labeled_rows > 0 and has_rows
),

binned as (
    select
        monitor,
        model_version,
        metric_date,
        window_days,
        segment_name,
        segment_value,
        cast(1 + floor({{ ratio('10 * rows_before + 5 * labeled_rows', 'total_rows') }}) as integer)
            as bin_id,
        sum(labeled_rows) as row_count,
        sum(positive_rows) as positive_rows,
        sum(labeled_score_sum) as score_sum
    from running
    group by
        monitor, model_version, metric_date, window_days, segment_name, segment_value,
        cast(1 + floor({{ ratio('10 * rows_before + 5 * labeled_rows', 'total_rows') }}) as integer)
),

rated as (
    select
        *,
        score_sum / row_count as mean_score,
        {{ ratio('positive_rows', 'row_count') }} as observed_rate
    from binned
)

select
    monitor,
    model_version,
    metric_date,
    window_days,
    segment_name,
    segment_value,
    bin_id,
    mean_score,
    observed_rate,
    {{ wilson_bound('observed_rate', 'row_count', -1) }} as lower_bound,
    {{ wilson_bound('observed_rate', 'row_count', 1) }} as upper_bound,
    cast(row_count as bigint) as row_count,
    cast(positive_rows as bigint) as positive_rows
from rated
