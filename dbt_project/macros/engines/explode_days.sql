{% macro explode_days(first_day, last_day) %}
    {{ return(adapter.dispatch('explode_days', 'driftline')(first_day, last_day)) }}
{% endmacro %}

{% macro default__explode_days(first_day, last_day) %}
    {{ exceptions.raise_compiler_error("explode_days is not written for " ~ target.type) }}
{% endmacro %}

{% macro duckdb__explode_days(first_day, last_day) -%}
cast(unnest(generate_series({{ first_day }}, {{ last_day }}, interval '1 day')) as date)
{%- endmacro %}

{% macro postgres__explode_days(first_day, last_day) -%}
{{ first_day }} + generate_series(0, {{ last_day }} - {{ first_day }})
{%- endmacro %}

{% macro spark__explode_days(first_day, last_day) -%}
explode(
    case
        when {{ first_day }} <= {{ last_day }}
            then sequence({{ first_day }}, {{ last_day }}, interval 1 day)
    end
)
{%- endmacro %}
