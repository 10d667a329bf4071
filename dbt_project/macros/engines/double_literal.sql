{#- A double exactly as written: without the cast a number with a point is a decimal. -#}
{% macro double_literal(number_text) %}
    {{ return(adapter.dispatch('double_literal', 'driftline')(number_text)) }}
{% endmacro %}

{% macro default__double_literal(number_text) -%}
cast('{{ number_text }}' as {{ type_double() }})
{%- endmacro %}
