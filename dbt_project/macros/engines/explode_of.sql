{#- The part of a from clause that gives a row per element of an array of the relation before
    it. -#}
{% macro explode_of(array, alias, value, position) %}
    {{ return(adapter.dispatch('explode_of', 'driftline')(array, alias, value, position)) }}
{% endmacro %}

{% macro default__explode_of(array, alias, value, position) %}
    {{ exceptions.raise_compiler_error("explode_of is not written for " ~ target.type) }}
{% endmacro %}

{% macro duckdb__explode_of(array, alias, value, position) -%}
cross join lateral unnest({{ array }})
    with ordinality as {{ alias }} ({{ value }}, {{ position }})
{%- endmacro %}

{% macro postgres__explode_of(array, alias, value, position) -%}
cross join lateral unnest({{ array }})
    with ordinality as {{ alias }} ({{ value }}, {{ position }})
{%- endmacro %}

{% macro spark__explode_of(array, alias, value, position) -%}
cross join lateral inline(
    transform({{ array }}, (element, place) -> struct(element, place + 1))
) as {{ alias }} ({{ value }}, {{ position }})
{%- endmacro %}
