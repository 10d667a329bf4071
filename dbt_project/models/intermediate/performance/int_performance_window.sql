{#- The daily sums over the windows that end on each affected day: for serving on every day of
    the log, for a version on each day with rows of it among the last thirty. And once over 28
    days: the stable window of live rows, or the newest held-out weeks. -#}
with

keys as (
    select
        facts.monitor,
        facts.model_version,
        facts.traffic,
        facts.segment_name,
        facts.segment_value,
        min(facts.metric_date) as key_first_day,
        min(spans.first_day) as first_day,
        min(spans.last_day) as last_day
    from {{ ref('int_performance_daily') }} as facts
    inner join {{ ref('int_version_spans') }} as spans
        on
            facts.monitor = spans.monitor
            and facts.model_version = spans.model_version
            and facts.traffic = spans.traffic
    group by
        facts.monitor, facts.model_version, facts.traffic, facts.segment_name,
        facts.segment_value
),

version_days as (
    select
        facts.monitor,
        facts.model_version,
        facts.traffic,
        windows.metric_date,
        max(case when facts.metric_date = windows.metric_date then 1 else 0 end) as own_rows
    from {{ ref('int_performance_daily') }} as facts
    inner join {{ ref('int_window_days') }} as windows
        on
            facts.monitor = windows.monitor
            and facts.metric_date = windows.member_date
            and windows.window_days = 30
    where facts.segment_name = 'overall'
    group by facts.monitor, facts.model_version, facts.traffic, windows.metric_date
),

key_windows as (
    select
        keys.*,
        windows.metric_date,
        windows.window_days,
        case
            when keys.model_version = 'serving' then 1 else coalesce(version_days.own_rows, 0)
        end as own_rows
    from keys
    inner join {{ ref('int_window_days') }} as windows
        on
            keys.monitor = windows.monitor
            and windows.metric_date = windows.member_date
            and windows.metric_date >= keys.key_first_day
    left join version_days
        on
            keys.monitor = version_days.monitor
            and keys.model_version = version_days.model_version
            and keys.traffic = version_days.traffic
            and windows.metric_date = version_days.metric_date
    where
        (
            windows.window_days <> 28
            and (keys.model_version = 'serving' or version_days.monitor is not null)
        )
        or (
            windows.window_days = 28
            and windows.metric_date = case
                when keys.traffic = 'live' then {{ add_days('keys.first_day', 27) }}
                else keys.last_day
            end
        )
)

select
    -- Stands for the whole key in the many rows of cells.
    cast(row_number() over (
        order by
            key_windows.monitor, key_windows.model_version, key_windows.traffic,
            key_windows.segment_name, key_windows.segment_value, key_windows.metric_date,
            key_windows.window_days
    ) as integer) as window_id,
    key_windows.monitor,
    key_windows.model_version,
    key_windows.traffic,
    key_windows.segment_name,
    key_windows.segment_value,
    key_windows.metric_date,
    min(key_windows.first_day) as first_day,
    min(key_windows.last_day) as last_day,
    key_windows.window_days,
    max(key_windows.own_rows) = 1 as has_rows,
    {% for column in performance_counts() %}
    cast(coalesce(sum(facts.{{ column }}), 0) as bigint) as {{ column }},
    {% endfor %}
    {% for column in performance_sums() %}
    coalesce(sum(facts.{{ column }}), 0) as {{ column }},
    {% endfor %}
    coalesce(sum(power(facts.labeled_rows, 2)), 0) as labeled_square_sum,
    min(facts.min_score) as min_score,
    max(facts.max_score) as max_score
from key_windows
inner join {{ ref('int_window_days') }} as windows
    on
        key_windows.monitor = windows.monitor
        and key_windows.metric_date = windows.metric_date
        and key_windows.window_days = windows.window_days
left join {{ ref('int_performance_daily') }} as facts
    on
        key_windows.monitor = facts.monitor
        and key_windows.model_version = facts.model_version
        and key_windows.traffic = facts.traffic
        and key_windows.segment_name = facts.segment_name
        and key_windows.segment_value = facts.segment_value
        and windows.member_date = facts.metric_date
group by
    key_windows.monitor, key_windows.model_version, key_windows.traffic,
    key_windows.segment_name, key_windows.segment_value, key_windows.metric_date,
    key_windows.window_days
