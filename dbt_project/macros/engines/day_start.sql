{#- Midnight at the start of a date. -#}
{% macro day_start(day) %}
    {{ return(adapter.dispatch('day_start', 'driftline')(day)) }}
{% endmacro %}

{% macro default__day_start(day) -%}
cast({{ day }} as {{ type_local_timestamp() }})
{%- endmacro %}
