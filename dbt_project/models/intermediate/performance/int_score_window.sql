{#- Score cells over the same windows as int_performance_window, cells without rows left out. -#}
{%- set counts = ['row_count', 'labeled_rows', 'positive_rows'] -%}
{%- set sums = ['score_sum', 'labeled_score_sum'] -%}
with

facts as (
    select
        windows.metric_date as window_date,
        windows.window_days,
        facts.*
    from {{ ref('int_window_days') }} as windows
    inner join {{ ref('int_score_histogram_daily') }} as facts
        on windows.monitor = facts.monitor and windows.member_date = facts.metric_date
)

select
    keys.monitor, keys.model_version, keys.traffic, keys.segment_name, keys.segment_value,
    keys.metric_date, keys.window_days, keys.has_rows, facts.score_cell,
    {% for column in counts %}
    cast(sum(facts.{{ column }}) as bigint) as {{ column }},
    {% endfor %}
    {% for column in sums %}
    sum(facts.{{ column }}) as {{ column }}{{ ',' if not loop.last }}
    {% endfor %}
from facts
inner join {{ ref('int_performance_window') }} as keys
    on
        facts.monitor = keys.monitor
        and facts.model_version = keys.model_version
        and facts.traffic = keys.traffic
        and facts.segment_name = keys.segment_name
        and facts.segment_value = keys.segment_value
        and facts.window_date = keys.metric_date
        and facts.window_days = keys.window_days
group by
    keys.monitor, keys.model_version, keys.traffic, keys.segment_name, keys.segment_value,
    keys.metric_date, keys.window_days, keys.has_rows, facts.score_cell
