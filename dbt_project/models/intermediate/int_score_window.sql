{#- Score cells over the same windows as int_performance_window, cells without rows left out. -#}
with

cells as (
    select distinct
        monitor, model_version, traffic, segment_name, segment_value, score_cell
    from {{ ref('int_score_histogram_daily') }}
),

key_days as (
    select distinct
        monitor, model_version, traffic, segment_name, segment_value, metric_date, first_day,
        last_day
    from {{ ref('int_performance_window') }}
    where window_days = 1
),

daily as (
    select
        key_days.*,
        cells.score_cell,
        coalesce(facts.row_count, 0) as row_count,
        coalesce(facts.labeled_rows, 0) as labeled_rows,
        coalesce(facts.positive_rows, 0) as positive_rows,
        coalesce(facts.score_sum, 0) as score_sum,
        coalesce(facts.labeled_score_sum, 0) as labeled_score_sum
    from key_days
    inner join cells
        on
            key_days.monitor = cells.monitor
            and key_days.model_version = cells.model_version
            and key_days.traffic = cells.traffic
            and key_days.segment_name = cells.segment_name
            and key_days.segment_value = cells.segment_value
    left join {{ ref('int_score_histogram_daily') }} as facts
        on
            key_days.monitor = facts.monitor
            and key_days.model_version = facts.model_version
            and key_days.traffic = facts.traffic
            and key_days.segment_name = facts.segment_name
            and key_days.segment_value = facts.segment_value
            and key_days.metric_date = facts.metric_date
            and cells.score_cell = facts.score_cell
),

{% for window_days in [1, 7, 28, 30] %}
window_{{ window_days }} as (
    select
        monitor, model_version, traffic, segment_name, segment_value, metric_date, first_day,
        last_day, score_cell,
        {{ window_days }} as window_days,
        cast(sum(row_count) over trailing_days as bigint) as row_count,
        cast(sum(labeled_rows) over trailing_days as bigint) as labeled_rows,
        cast(sum(positive_rows) over trailing_days as bigint) as positive_rows,
        sum(score_sum) over trailing_days as score_sum,
        sum(labeled_score_sum) over trailing_days as labeled_score_sum
    from daily
    window
        trailing_days as (
            partition by
                monitor, model_version, traffic, segment_name, segment_value, score_cell
            order by metric_date
            rows between {{ window_days - 1 }} preceding and current row
        )
),

{% endfor %}
all_windows as (
    select * from window_1
    union all
    select * from window_7
    union all
    select * from window_30
    union all
    select * from window_28
    where
        (traffic = 'live' and metric_date = first_day + 27)
        or (traffic = 'holdout' and metric_date = last_day)
)

select
    monitor, model_version, traffic, segment_name, segment_value, metric_date, window_days,
    score_cell, row_count, labeled_rows, positive_rows, score_sum, labeled_score_sum
from all_windows
where row_count > 0
