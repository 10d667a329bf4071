{#- Score cells over the windows of int_performance_window, cells without rows left out. -#}
with

-- A number stands for the names while facts are joined to every window that they lie in.
series as (
    select
        cast(row_number() over (
            order by monitor, model_version, traffic, segment_name, segment_value
        ) as integer) as series_id,
        monitor, model_version, traffic, segment_name, segment_value
    from (
        select distinct monitor, model_version, traffic, segment_name, segment_value
        from {{ ref('int_performance_window') }}
    ) as keyed
),

members as (
    select windowed.window_id, series.series_id, windows.member_date
    from {{ ref('int_performance_window') }} as windowed
    inner join series
        on
            windowed.monitor = series.monitor
            and windowed.model_version = series.model_version
            and windowed.traffic = series.traffic
            and windowed.segment_name = series.segment_name
            and windowed.segment_value = series.segment_value
    inner join {{ ref('int_window_days') }} as windows
        on
            windowed.monitor = windows.monitor
            and windowed.metric_date = windows.metric_date
            and windowed.window_days = windows.window_days
),

facts as (
    select
        series.series_id, facts.metric_date, facts.score_cell, facts.row_count,
        facts.labeled_rows, facts.positive_rows, facts.score_sum, facts.labeled_score_sum
    from {{ ref('int_score_histogram_daily') }} as facts
    inner join series
        on
            facts.monitor = series.monitor
            and facts.model_version = series.model_version
            and facts.traffic = series.traffic
            and facts.segment_name = series.segment_name
            and facts.segment_value = series.segment_value
)

select
    members.window_id,
    facts.score_cell,
    cast(sum(facts.row_count) as bigint) as row_count,
    cast(sum(facts.labeled_rows) as bigint) as labeled_rows,
    cast(sum(facts.positive_rows) as bigint) as positive_rows,
    sum(facts.score_sum) as score_sum,
    sum(facts.labeled_score_sum) as labeled_score_sum
from facts
inner join members
    on facts.series_id = members.series_id and facts.metric_date = members.member_date
group by members.window_id, facts.score_cell
