{#- Sorts texts by their bytes; PostgreSQL sorts by the language of the database. -#}
{% macro byte_order(text) %}
    {{ return(adapter.dispatch('byte_order', 'driftline')(text)) }}
{% endmacro %}

{% macro default__byte_order(text) -%}
{{ text }}
{%- endmacro %}

{% macro postgres__byte_order(text) -%}
{{ text }} collate "C"
{%- endmacro %}
