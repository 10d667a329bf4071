{#- Name of the type of a timestamp without zone; Spark's plain timestamp is an instant. -#}
{% macro type_local_timestamp() %}
    {{ return(adapter.dispatch('type_local_timestamp', 'driftline')()) }}
{% endmacro %}

{% macro default__type_local_timestamp() -%}
timestamp
{%- endmacro %}

{% macro spark__type_local_timestamp() -%}
timestamp_ntz
{%- endmacro %}
