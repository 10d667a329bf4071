{#- Which versions answered in each window, and whether all of them have a map that was fitted on
    days before their first answer there. -#}
with

windowed as (
    select
        window_id, monitor, model_version, segment_name, segment_value, metric_date, window_days
    from {{ ref('int_performance_window') }}
    where traffic = 'live' and window_days <> 28 and has_rows
),

-- The version itself in its own windows, in those of serving each that answered.
scored_days as (
    select
        windowed.window_id,
        windowed.monitor,
        facts.model_version,
        facts.metric_date,
        (facts.row_count - facts.null_scores - facts.invalid_scores) * case
            when windowed.model_version = 'serving'
                then {{ ratio('facts.answered_rows', 'facts.row_count') }}
            else 1
        end as scored_rows
    from windowed
    inner join {{ ref('int_window_days') }} as windows
        on
            windowed.monitor = windows.monitor
            and windowed.metric_date = windows.metric_date
            and windowed.window_days = windows.window_days
    inner join {{ ref('int_performance_daily') }} as facts
        on
            windowed.monitor = facts.monitor
            and windowed.segment_name = facts.segment_name
            and windowed.segment_value = facts.segment_value
            and windows.member_date = facts.metric_date
            and facts.traffic = 'live'
            and facts.model_version <> 'serving'
            and (
                windowed.model_version = facts.model_version
                or (windowed.model_version = 'serving' and facts.answered_rows > 0)
            )
),

scorers as (
    select
        window_id,
        monitor,
        model_version,
        min(metric_date) as first_day,
        sum(power(scored_rows, 2)) / nullif(sum(scored_rows), 0) as day_crowd
    from scored_days
    group by window_id, monitor, model_version
)

select
    scorers.window_id,
    scorers.monitor,
    scorers.model_version,
    scorers.day_crowd,
    count(*) over key_window as scorer_count,
    (min(case when scorers.first_day > spans.fitted_to then 1 else 0 end) over key_window) = 1
        as is_calibrated
from scorers
left join {{ ref('int_calibration_spans') }} as spans
    on scorers.monitor = spans.monitor and scorers.model_version = spans.model_version
window key_window as (partition by scorers.window_id)
