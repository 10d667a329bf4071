{% macro explode(array, value, position) %}
    {{ return(adapter.dispatch('explode', 'driftline')(array, value, position)) }}
{% endmacro %}

{% macro default__explode(array, value, position) -%}
unnest({{ array }}) as {{ value }}, generate_subscripts({{ array }}, 1) as {{ position }}
{%- endmacro %}

{% macro spark__explode(array, value, position) -%}
inline(transform({{ array }}, (element, place) -> struct(element, place + 1)))
    as ({{ value }}, {{ position }})
{%- endmacro %}
