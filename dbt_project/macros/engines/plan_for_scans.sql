{#- Before a model is built: all of them read most rows of what they join. PostgreSQL guesses from
    correlated keys that a join gives one row, and then loops over everything, or merges by the
    monitor alone and compares each row with each: minutes, not seconds. A hash join takes all
    keys. -#}
{% macro plan_for_scans() %}
    {{ return(adapter.dispatch('plan_for_scans', 'driftline')()) }}
{% endmacro %}

{% macro default__plan_for_scans() %}{% endmacro %}

{#- Until the end of the transaction that builds the model. -#}
{% macro postgres__plan_for_scans() -%}
set local enable_nestloop to off;
set local enable_mergejoin to off
{%- endmacro %}
