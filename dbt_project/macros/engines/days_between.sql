{% macro days_between(later, earlier) %}
    {{ return(adapter.dispatch('days_between', 'driftline')(later, earlier)) }}
{% endmacro %}

{% macro default__days_between(later, earlier) %}
    {{ exceptions.raise_compiler_error("days_between is not written for " ~ target.type) }}
{% endmacro %}

{% macro duckdb__days_between(later, earlier) -%}
cast({{ later }} - {{ earlier }} as integer)
{%- endmacro %}

{% macro postgres__days_between(later, earlier) -%}
({{ later }} - {{ earlier }})
{%- endmacro %}

{% macro spark__days_between(later, earlier) -%}
datediff({{ later }}, {{ earlier }})
{%- endmacro %}
