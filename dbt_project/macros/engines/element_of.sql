{#- An element of an array, counted from 1. -#}
{% macro element_of(array, position) %}
    {{ return(adapter.dispatch('element_of', 'driftline')(array, position)) }}
{% endmacro %}

{% macro default__element_of(array, position) -%}
({{ array }})[{{ position }}]
{%- endmacro %}

{% macro spark__element_of(array, position) -%}
try_element_at({{ array }}, {{ position }})
{%- endmacro %}
