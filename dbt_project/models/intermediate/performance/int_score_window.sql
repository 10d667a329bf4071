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
    keyed.monitor, keyed.model_version, keyed.traffic, keyed.segment_name, keyed.segment_value,
    keyed.metric_date, keyed.window_days, keyed.has_rows, facts.score_cell,
    {% for column in counts %}
    cast(sum(facts.{{ column }}) as bigint) as {{ column }},
    {% endfor %}
    {% for column in sums %}
    sum(facts.{{ column }}) as {{ column }}{{ ',' if not loop.last }}
    {% endfor %}
from facts
inner join {{ ref('int_performance_window') }} as keyed
    on
        facts.monitor = keyed.monitor
        and facts.model_version = keyed.model_version
        and facts.traffic = keyed.traffic
        and facts.segment_name = keyed.segment_name
        and facts.segment_value = keyed.segment_value
        and facts.window_date = keyed.metric_date
        and facts.window_days = keyed.window_days
group by
    keyed.monitor, keyed.model_version, keyed.traffic, keyed.segment_name, keyed.segment_value,
    keyed.metric_date, keyed.window_days, keyed.has_rows, facts.score_cell
