{#- A value as a number, null where it is none: one bad value must not stop the build. Engines have
    each their own way with texts (1_000, 0x1p4, 1.5d): one pattern says what is a number. -#}
{% macro number_or_null(value, data_type=none) %}
    {{ return(adapter.dispatch('number_or_null', 'driftline')(value, data_type)) }}
{% endmacro %}

{% macro default__number_or_null(value, data_type) %}
    {{ exceptions.raise_compiler_error("number_or_null is not written for " ~ target.type) }}
{% endmacro %}

{#- The type of a column is known when the query is planned, so a number costs no comparison. -#}
{% macro duckdb__number_or_null(value, data_type) -%}
case
    when typeof({{ value }}) <> 'VARCHAR'
        or regexp_matches(trim(cast({{ value }} as varchar)), '{{ number_pattern() }}')
        then try_cast({{ value }} as double)
end
{%- endmacro %}

{% macro spark__number_or_null(value, data_type) -%}
case
    when typeof({{ value }}) <> 'string'
        or trim(cast({{ value }} as string)) rlike '{{ number_pattern() }}'
        then try_cast({{ value }} as double)
end
{%- endmacro %}

{#- A number that dbt knows for one needs no way through text. -#}
{% macro postgres__number_or_null(value, data_type) -%}
{%- if data_type == 'boolean' or data_type in postgres_small_numbers() -%}
{{ number_of(value, data_type) }}
{%- elif (data_type or '').startswith('numeric') -%}
{{ postgres_double_of(value, value) }}
{%- else -%}
{{ postgres_number_of_any(value) }}
{%- endif -%}
{%- endmacro %}

{#- Types of numbers none of which is out of the range of a double. -#}
{% macro postgres_small_numbers() %}
    {{ return(['double precision', 'real', 'integer', 'bigint', 'smallint']) }}
{% endmacro %}

{#- No try_cast here, and a cast out of range is an error: texts go by way of numeric. The cast of
    a number stands around its case: a constant of a view is cast while the query is planned. -#}
{% macro postgres_number_of_any(value) -%}
{%- set text = 'trim(cast(' ~ value ~ ' as text))' -%}
coalesce(
    cast(case
        when pg_typeof({{ value }}) in (
            {%- for name in postgres_small_numbers() %}
            '{{ name }}'::regtype{{ ',' if not loop.last }}
            {%- endfor %}
        ) then cast({{ value }} as text)
    end as double precision),
    case
        when pg_typeof({{ value }}) = 'boolean'::regtype
            then case cast({{ value }} as text) when 'true' then 1.0 when 'false' then 0.0 end
        when {{ text }} ~* '^(nan|[+-]?inf(inity)?)$' then cast({{ text }} as double precision)
        when {{ text }} ~ '{{ number_pattern() }}'
            then {{ postgres_double_of('cast(' ~ text ~ ' as numeric)', text) }}
    end
)
{%- endmacro %}

{#- The double of a number beyond its range too: infinite, or 0. -#}
{% macro postgres_double_of(number, value) -%}
case
    when abs({{ number }}) >= 1.7976931348623159e308
        then sign({{ number }}) * cast('infinity' as double precision)
    when abs({{ number }}) < 2.5e-324 then 0
    else cast({{ value }} as double precision)
end
{%- endmacro %}


{#- At most 255 digits on each side of the point and three in the exponent: numeric can hold it. -#}
{% macro number_pattern() %}
    {{ return(
        '^([+-]?([0-9]{1,255}([.][0-9]{0,255})?|[.][0-9]{1,255})([eE][+-]?[0-9]{1,3})?'
        ~ '|[nN][aA][nN]|[+-]?[iI][nN][fF]([iI][nN][iI][tT][yY])?)$'
    ) }}
{% endmacro %}
