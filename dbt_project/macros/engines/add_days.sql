{% macro add_days(day, number) %}
    {{ return(adapter.dispatch('add_days', 'driftline')(day, number)) }}
{% endmacro %}

{% macro default__add_days(day, number) %}
    {{ exceptions.raise_compiler_error("add_days is not written for " ~ target.type) }}
{% endmacro %}

{% macro duckdb__add_days(day, number) -%}
({{ day }} + cast({{ number }} as integer))
{%- endmacro %}

{% macro postgres__add_days(day, number) -%}
({{ day }} + cast({{ number }} as integer))
{%- endmacro %}

{% macro spark__add_days(day, number) -%}
date_add({{ day }}, cast({{ number }} as integer))
{%- endmacro %}
