{#- After a table is built: what the engine must know of it to plan the next query well. PostgreSQL
    takes a table it has not analyzed for nearly empty, and joins of seconds take minutes. -#}
{% macro refresh_statistics() %}
    {{ return(adapter.dispatch('refresh_statistics', 'driftline')()) }}
{% endmacro %}

{#- DuckDB counts rows itself, Spark reads the footers of its files. -#}
{% macro default__refresh_statistics() %}{% endmacro %}

{% macro postgres__refresh_statistics() %}
    {%- if model.config.materialized != 'view' %}analyze {{ this }}{% endif -%}
{% endmacro %}
