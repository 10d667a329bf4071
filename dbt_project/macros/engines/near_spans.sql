{#- What a filter on moments may say beside in_spans, of the column as it is: in_spans compares the
    clock on the wall, which no index and no statistics of a file know of a column of instants or
    dates. It lets in all rows that in_spans does and a few more; empty where nothing is gained. -#}
{% macro near_spans(column, data_type, spans) -%}
{%- if spans and near_bounds(spans[0], data_type) -%}
{{ adapter.dispatch('near_spans', 'driftline')(column, data_type, spans) }}
{%- endif -%}
{%- endmacro %}

{#- One pair of bounds: there are no indexes, and Spark multiplies what is joined by `or` out. -#}
{% macro default__near_spans(column, data_type, spans) -%}
{%- set first = near_bounds(spans[0], data_type) -%}
{%- set last = near_bounds(spans[-1], data_type) -%}
{{ column }} >= {{ first.from }} and {{ column }} < {{ last.to }}
{%- endmacro %}

{% macro postgres__near_spans(column, data_type, spans) -%}
(
    {%- for span in spans %}
    {%- set bounds = near_bounds(span, data_type) %}
    {{ 'or ' if not loop.first }}(
        {{ column }} >= {{ bounds.from }} and {{ column }} < {{ bounds.to }}
    )
    {%- endfor %}
)
{%- endmacro %}


{#- Bounds around a span as {from, to} in the column's own type, none where they would not help. The
    clocks of all zones have always been within 16 hours of UTC. -#}
{% macro near_bounds(span, data_type) %}
    {% set day = modules.datetime.timedelta(days=1) %}
    {% set furthest = modules.datetime.timedelta(hours=16) %}
    {% set midnight = modules.datetime.time(0) %}
    {% set first = modules.datetime.datetime.combine(span.first, midnight) %}
    {% set end = modules.datetime.datetime.combine(span.last + day, midnight) %}
    {% if data_type | lower == 'date' %}
        {{ return({'from': date_literal(span.first), 'to': date_literal(span.last + day)}) }}
    {% elif data_type | lower == instant_type() %}
        {{ return({
            'from': instant_literal(first - furthest),
            'to': instant_literal(end + furthest),
        }) }}
    {% endif %}
    {{ return(none) }}
{% endmacro %}


{#- Name that column_type gives the type of an instant. -#}
{% macro instant_type() %}
    {{ return(adapter.dispatch('instant_type', 'driftline')()) }}
{% endmacro %}

{% macro default__instant_type() %}
    {{ return('timestamp with time zone') }}
{% endmacro %}

{% macro spark__instant_type() %}
    {{ return('timestamp') }}
{% endmacro %}


{% macro instant_literal(utc) %}
    {{ return(adapter.dispatch('instant_literal', 'driftline')(utc)) }}
{% endmacro %}

{% macro default__instant_literal(utc) -%}
timestamptz '{{ utc }}+00'
{%- endmacro %}

{% macro spark__instant_literal(utc) -%}
timestamp_ltz '{{ utc }}Z'
{%- endmacro %}
