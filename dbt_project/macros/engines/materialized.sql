{#- Stands between `as` and a CTE that is worked out before what reads it is planned. DuckDB would
    else group its rows by all of their columns before it joins them. -#}
{% macro materialized() %}
    {{ return(adapter.dispatch('materialized', 'driftline')()) }}
{% endmacro %}

{% macro default__materialized() %}
    {{ return('materialized') }}
{% endmacro %}

{% macro spark__materialized() %}
    {{ return('') }}
{% endmacro %}
