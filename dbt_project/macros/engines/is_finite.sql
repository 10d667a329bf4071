{#- NaN is the greatest number of PostgreSQL and Spark. -#}
{% macro is_finite(value) %}
    {{ return(adapter.dispatch('is_finite', 'driftline')(value)) }}
{% endmacro %}

{% macro default__is_finite(value) %}
    {{ exceptions.raise_compiler_error("is_finite is not written for " ~ target.type) }}
{% endmacro %}

{% macro duckdb__is_finite(value) -%}
isfinite({{ value }})
{%- endmacro %}

{% macro postgres__is_finite(value) -%}
(abs({{ value }}) < cast('infinity' as double precision))
{%- endmacro %}

{% macro spark__is_finite(value) -%}
(abs({{ value }}) < double('infinity'))
{%- endmacro %}
