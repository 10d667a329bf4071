{% macro array_type(element_type) %}
    {{ return(adapter.dispatch('array_type', 'driftline')(element_type)) }}
{% endmacro %}

{% macro default__array_type(element_type) -%}
{{ element_type }}[]
{%- endmacro %}

{% macro spark__array_type(element_type) -%}
array<{{ element_type }}>
{%- endmacro %}
