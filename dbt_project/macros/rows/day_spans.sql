{#- The days of a monitor in `days` (a relation with monitor and metric_date) as spans without a gap,
    [{first, last}, ...]. They stand in the SQL as literals: a bound that the planner knows lets it
    skip what lies outside, in each of the many scans of a wide log. -#}
{% macro day_spans(days, name) %}
    {% set spans = [] %}
    {% if execute and load_relation(days) is not none %}
        {% set found = run_query(
            'select distinct cast(metric_date as ' ~ dbt.type_string() ~ ') as metric_date from '
            ~ days ~ ' where monitor = ' ~ sql_text(name) ~ ' order by 1') %}
        {% for row in found.rows %}
            {% set day = modules.datetime.date.fromisoformat((row[0] | string)[:10]) %}
            {% if spans and (day - spans[-1].last).days == 1 %}
                {% do spans[-1].update({'last': day}) %}
            {% else %}
                {% do spans.append({'first': day, 'last': day}) %}
            {% endif %}
        {% endfor %}
    {% endif %}
    {{ return(spans) }}
{% endmacro %}


{#- Whether a timestamp (or, with is_date, a date) lies in one of the spans. -#}
{% macro in_spans(value, spans, is_date=false) -%}
{%- if not spans -%}
false
{%- else -%}
{{ value }} >= {{ span_bound(spans[0].first, 0, is_date) }}
and {{ value }} < {{ span_bound(spans[-1].last, 1, is_date) }}
{%- if spans | length > 1 %}
and (
    {%- for span in spans %}
    {{ 'or ' if not loop.first }}({{ value }} >= {{ span_bound(span.first, 0, is_date) }}
        and {{ value }} < {{ span_bound(span.last, 1, is_date) }})
    {%- endfor %}
)
{%- endif %}
{%- endif %}
{%- endmacro %}


{% macro span_bound(day, days_later, is_date) -%}
{%- set literal = "cast('" ~ (day + modules.datetime.timedelta(days=days_later)) ~ "' as date)" -%}
{{ literal if is_date else day_start(literal) }}
{%- endmacro %}
