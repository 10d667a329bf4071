{#- A number of a column as a double; what is none stops the build. -#}
{% macro number_of(value, data_type) %}
    {{ return(adapter.dispatch('number_of', 'driftline')(value, data_type)) }}
{% endmacro %}

{% macro default__number_of(value, data_type) -%}
cast({{ value }} as {{ type_double() }})
{%- endmacro %}

{#- No cast leads from a boolean to a double. -#}
{% macro postgres__number_of(value, data_type) -%}
{%- set number = 'cast(' ~ value ~ ' as integer)' if data_type == 'boolean' else value -%}
cast({{ number }} as double precision)
{%- endmacro %}
