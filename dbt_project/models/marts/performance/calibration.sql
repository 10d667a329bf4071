{{ config(materialized='incremental', incremental_strategy='changed_days',
    meta={'days': 'int_affected_days'}) }}
{#- Ten bins of about equal mass, cut anew in each window along the cells of the score. Of several
    classes the score is that of the class called (Guo et al. 2017). -#}
with

running as (
    select
        cells.*,
        sum(cells.labeled_rows) over (
            partition by cells.window_id order by cells.score_cell
        ) - cells.labeled_rows as rows_before,
        sum(cells.labeled_rows) over (partition by cells.window_id) as total_rows,
        windowed.labeled_rows as judged_rows
    from {{ ref('int_score_window') }} as cells
    inner join {{ ref('int_performance_window') }} as windowed
        on
            cells.window_id = windowed.window_id
            and windowed.traffic = 'live'
            and windowed.window_days <> 28
            and windowed.has_rows
    where cells.labeled_rows > 0
),

binned as (
    select
        window_id,
        cast(1 + floor({{ ratio('10 * rows_before + 5 * labeled_rows', 'total_rows') }}) as integer)
            as bin_id,
        sum(labeled_rows) as row_count,
        sum(positive_rows) as positive_rows,
        sum(labeled_score_sum) as score_sum
    from running
    -- Days that were counted before the class called had such cells have none.
    where total_rows = judged_rows
    group by
        window_id,
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
    windowed.monitor,
    windowed.model_version,
    windowed.metric_date,
    windowed.window_days,
    windowed.segment_name,
    windowed.segment_value,
    rated.bin_id,
    rated.mean_score,
    rated.observed_rate,
    {{ wilson_bound('rated.observed_rate', 'rated.row_count', -1) }} as lower_bound,
    {{ wilson_bound('rated.observed_rate', 'rated.row_count', 1) }} as upper_bound,
    cast(rated.row_count as bigint) as row_count,
    cast(rated.positive_rows as bigint) as positive_rows
from rated
inner join {{ ref('int_performance_window') }} as windowed
    on rated.window_id = windowed.window_id
