{#- A value as a number, null where it is none: one bad value must not stop the build. -#}
{% macro number_or_null(value) %}
    {{ return(adapter.dispatch('number_or_null', 'driftline')(value)) }}
{% endmacro %}

{% macro default__number_or_null(value) %}
    {{ exceptions.raise_compiler_error("number_or_null is not written for " ~ target.type) }}
{% endmacro %}

{% macro duckdb__number_or_null(value) -%}
try_cast({{ value }} as double)
{%- endmacro %}
