{#- Ends a select whose columns are used many times by the next one. PostgreSQL would write their
    expressions out wherever they are used, which grows with every step of a long chain; a select
    with an offset it computes for itself. The others compute what they share once. -#}
{% macro computed_once() %}
    {{ return(adapter.dispatch('computed_once', 'driftline')()) }}
{% endmacro %}

{% macro default__computed_once() %}
    {{ return('') }}
{% endmacro %}

{% macro postgres__computed_once() %}
    {{ return('offset 0') }}
{% endmacro %}
