{% macro sql_text(value) %}
    {{ return(adapter.dispatch('sql_text', 'driftline')(value)) }}
{% endmacro %}

{% macro default__sql_text(value) -%}
'{{ value | string | replace("'", "''") }}'
{%- endmacro %}

{#- Spark reads escapes in a text, and until version 4 a doubled quote as none at all. -#}
{% macro spark__sql_text(value) -%}
'{{ value | string | replace("\\", "\\\\") | replace("'", "\\'") }}'
{%- endmacro %}
