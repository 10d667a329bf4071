{#- Adds to judged distances what a day shows against its own weekdays, the rows of the reference
    `same_weekday`, and leaves those out, as CTEs, the last one `beside_weekdays`. A day is
    `is_usual_weekday` when it stays under its null against them and the week up to it shows no
    drift against the reference: then what it shows is the calendar. The week is asked because a
    lasting change is in the four weeks before too, after a while; a week that cannot be judged says
    nothing. -#}
{% macro beside_weekdays(judged, series_columns, has_evidence) -%}
{%- set series = series_columns | join(', ') -%}
with_weekdays as (
    select
        *,
        {% for column in ['psi', 'psi_null_p99', 'js_distance', 'reference_rows'] %}
        max(case when reference = 'same_weekday' then {{ column }} end) over own_day
            as own_{{ column }},
        {% endfor %}
        max(case when reference = 'same_weekday' and has_enough_rows then 1 else 0 end)
            over own_day as has_weekdays,
        max(
            case
                when window_days = 7 and has_enough_rows and psi_null_p99 is not null
                    then case when {{ has_evidence }} then 1 else 0 end
            end
        ) over own_reference as drifts_over_week
    from {{ judged }}
    window
        own_day as (partition by {{ series }}, metric_date, window_days),
        own_reference as (partition by {{ series }}, metric_date, reference)
),

beside_weekdays as (
    select
        *,
        case
            when window_days = 1 and has_weekdays = 1
                then own_psi <= own_psi_null_p99 and drifts_over_week = 0
        end as is_usual_weekday
    from with_weekdays
    where reference <> 'same_weekday'
)
{%- endmacro %}


{#- Its public columns. -#}
{% macro weekday_columns() -%}
own_psi as same_weekday_psi,
    own_psi_null_p99 as same_weekday_psi_null_p99,
    own_js_distance as same_weekday_js_distance,
    own_reference_rows as same_weekday_rows,
    is_usual_weekday
{%- endmacro %}
