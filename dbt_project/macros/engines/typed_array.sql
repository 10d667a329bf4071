{% macro typed_array(expressions, element_type) %}
    {{ return(adapter.dispatch('typed_array', 'driftline')(expressions, element_type)) }}
{% endmacro %}

{% macro default__typed_array(expressions, element_type) -%}
cast(array[
    {%- for expression in expressions %}
        cast({{ expression }} as {{ element_type }}){{ ',' if not loop.last }}
    {%- endfor %}
] as {{ array_type(element_type) }})
{%- endmacro %}

{% macro spark__typed_array(expressions, element_type) -%}
cast(array(
    {%- for expression in expressions %}
        cast({{ expression }} as {{ element_type }}){{ ',' if not loop.last }}
    {%- endfor %}
) as {{ array_type(element_type) }})
{%- endmacro %}
