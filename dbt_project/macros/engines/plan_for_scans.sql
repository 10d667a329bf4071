{#- Before a model is built: all of them read most rows of what they join. PostgreSQL guesses from
    correlated keys that a join gives one row, and then loops over everything: minutes, not seconds.
    -#}
{% macro plan_for_scans() %}
    {{ return(adapter.dispatch('plan_for_scans', 'driftline')()) }}
{% endmacro %}

{% macro default__plan_for_scans() %}{% endmacro %}

{#- Until the end of the transaction that builds the model. -#}
{% macro postgres__plan_for_scans() %}set local enable_nestloop to off{% endmacro %}
