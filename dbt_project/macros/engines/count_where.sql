{#- Rows of a group for which the condition holds. DuckDB's count_if is three times as fast as its
    filter clause, but says null of no rows and has a type of its own. -#}
{% macro count_where(condition) %}
    {{ return(adapter.dispatch('count_where', 'driftline')(condition)) }}
{% endmacro %}

{% macro default__count_where(condition) -%}
count(*) filter (where {{ condition }})
{%- endmacro %}

{% macro duckdb__count_where(condition) -%}
cast(coalesce(count_if({{ condition }}), 0) as bigint)
{%- endmacro %}

{% macro spark__count_where(condition) -%}
count_if({{ condition }})
{%- endmacro %}
