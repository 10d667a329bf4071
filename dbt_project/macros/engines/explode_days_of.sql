{#- The part of a from clause that gives a row per day of a span of the relation before it. -#}
{% macro explode_days_of(first_day, last_day, alias, day) %}
    {{ return(adapter.dispatch('explode_days_of', 'driftline')(first_day, last_day, alias, day)) }}
{% endmacro %}

{% macro default__explode_days_of(first_day, last_day, alias, day) %}
    {{ exceptions.raise_compiler_error("explode_days_of is not written for " ~ target.type) }}
{% endmacro %}

{% macro duckdb__explode_days_of(first_day, last_day, alias, day) -%}
cross join lateral (
    select cast(unnest(generate_series({{ first_day }}, {{ last_day }}, interval '1 day')) as date)
) as {{ alias }} ({{ day }})
{%- endmacro %}

{% macro postgres__explode_days_of(first_day, last_day, alias, day) -%}
cross join lateral (
    select {{ first_day }} + days_later
    from generate_series(0, {{ last_day }} - {{ first_day }}) as days_of_span (days_later)
) as {{ alias }} ({{ day }})
{%- endmacro %}

{% macro spark__explode_days_of(first_day, last_day, alias, day) -%}
cross join lateral explode(
    case
        when {{ first_day }} <= {{ last_day }}
            then sequence({{ first_day }}, {{ last_day }}, interval 1 day)
    end
) as {{ alias }} ({{ day }})
{%- endmacro %}
