{#- Score cells over the windows of int_performance_window, cells without rows left out. -#}
with

members as (
    select
        windowed.window_id, windowed.monitor, windowed.model_version, windowed.traffic,
        windowed.segment_name, windowed.segment_value, windows.member_date
    from {{ ref('int_performance_window') }} as windowed
    inner join {{ ref('int_window_days') }} as windows
        on
            windowed.monitor = windows.monitor
            and windowed.metric_date = windows.metric_date
            and windowed.window_days = windows.window_days
)

select
    members.window_id,
    facts.score_cell,
    cast(sum(facts.row_count) as bigint) as row_count,
    cast(sum(facts.labeled_rows) as bigint) as labeled_rows,
    cast(sum(facts.positive_rows) as bigint) as positive_rows,
    sum(facts.score_sum) as score_sum,
    sum(facts.labeled_score_sum) as labeled_score_sum
from members
inner join {{ ref('int_score_histogram_daily') }} as facts
    on
        members.monitor = facts.monitor
        and members.model_version = facts.model_version
        and members.traffic = facts.traffic
        and members.segment_name = facts.segment_name
        and members.segment_value = facts.segment_value
        and members.member_date = facts.metric_date
group by members.window_id, facts.score_cell
