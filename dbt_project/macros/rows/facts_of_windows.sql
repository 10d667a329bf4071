{#- The joins from `windowed` (rows of int_performance_window) to the daily facts of its windows, as
    `facts`; further conditions may follow. -#}
{% macro facts_of_windows(facts) -%}
inner join {{ ref('int_window_days') }} as windows
        on {{ same_columns('windowed', 'windows', ['monitor', 'metric_date', 'window_days']) }}
    inner join {{ facts }} as facts
        on
            {{ same_columns('windowed', 'facts', [
                'monitor', 'model_version', 'traffic', 'segment_name', 'segment_value',
            ]) }}
            and windows.member_date = facts.metric_date
{%- endmacro %}
