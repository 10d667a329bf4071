{#- A value as text. Engines write floats each in its own way ('1', '1.0', '1e+06', 'nan', 'NaN'),
    but ids must find each other and categories be the same, also where one table has them as whole
    numbers and the next, because some are missing, as floats. -#}
{% macro value_text(value, data_type=none) -%}
{%- set plain = 'cast(' ~ value ~ ' as ' ~ dbt.type_string() ~ ')' -%}
{%- if data_type is none -%}
case when {{ is_float(value) }} then {{ float_text(value, float_of(value)) }} else {{ plain }} end
{%- elif is_float_type(data_type) -%}
{{ float_text(value, value) }}
{%- else -%}
{{ plain }}
{%- endif -%}
{%- endmacro %}


{% macro is_float_type(data_type) %}
    {{ return(data_type | lower in ['double', 'double precision', 'float', 'real']) }}
{% endmacro %}


{#- Below 2 to the power of 53 whole numbers are what they seem. -#}
{% macro float_text(value, number) -%}
case
    when abs({{ number }}) < 9007199254740992 and {{ number }} = floor({{ number }})
        then cast(cast({{ number }} as bigint) as {{ dbt.type_string() }})
    when {{ is_finite(number) }} then cast({{ value }} as {{ dbt.type_string() }})
    when {{ number }} = {{ double_literal('Infinity') }} then 'Infinity'
    when {{ number }} = {{ double_literal('-Infinity') }} then '-Infinity'
    when {{ number }} is not null then 'NaN'
end
{%- endmacro %}


{#- Whether an expression of unknown type is a float: known when the query is planned. -#}
{% macro is_float(value) %}
    {{ return(adapter.dispatch('is_float', 'driftline')(value)) }}
{% endmacro %}

{% macro default__is_float(value) -%}
lower(typeof({{ value }})) in ('double', 'float')
{%- endmacro %}

{% macro postgres__is_float(value) -%}
pg_typeof({{ value }}) in ('double precision'::regtype, 'real'::regtype)
{%- endmacro %}


{#- Such an expression as a double. What is no float must be possible to read, too. -#}
{% macro float_of(value) %}
    {{ return(adapter.dispatch('float_of', 'driftline')(value)) }}
{% endmacro %}

{% macro default__float_of(value) -%}
try_cast(cast({{ value }} as {{ dbt.type_string() }}) as {{ type_double() }})
{%- endmacro %}

{% macro postgres__float_of(value) -%}
cast(case when {{ is_float(value) }} then cast({{ value }} as text) end as double precision)
{%- endmacro %}
