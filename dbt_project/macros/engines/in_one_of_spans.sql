{#- Whether a value that lies between the first and the last day of several spans lies in one of
    them. Bounds let most engines skip what lies between. Spark multiplies such a condition out,
    with the whole expression of the value in every part, until its memory is full: it is given the
    days. -#}
{% macro in_one_of_spans(value, spans, is_date) %}
    {{ return(adapter.dispatch('in_one_of_spans', 'driftline')(value, spans, is_date)) }}
{% endmacro %}

{% macro default__in_one_of_spans(value, spans, is_date) -%}
(
    {%- for span in spans %}
    {{ 'or ' if not loop.first }}({{ value }} >= {{ span_bound(span.first, 0, is_date) }}
        and {{ value }} < {{ span_bound(span.last, 1, is_date) }})
    {%- endfor %}
)
{%- endmacro %}

{% macro spark__in_one_of_spans(value, spans, is_date) -%}
cast({{ value }} as date) in (
    {%- for span in spans -%}
    {%- set first_span = loop.first -%}
    {%- for number in range((span.last - span.first).days + 1) -%}
    {{ '' if first_span and loop.first else ', ' }}{{ span_bound(span.first, number, true) }}
    {%- endfor -%}
    {%- endfor -%}
)
{%- endmacro %}
