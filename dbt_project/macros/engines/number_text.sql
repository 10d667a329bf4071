{#- A number as text with three decimals, the same on every engine: halves go away from zero. -#}
{% macro number_text(value) -%}
coalesce(
    cast({{ whole_number(value, 1000) }} * 0.001 as {{ dbt.type_string() }}), 'unknown'
)
{%- endmacro %}


{#- Engines round doubles each in its own way (half up, half even, after 15 digits); floor is
    floor. Means of cents are halves often, and then their last digit, which hangs on the order of
    the rows, must not tell. -#}
{% macro whole_number(value, factor) -%}
cast(
    sign(cast({{ value }} as {{ type_double() }}))
    * floor(least(abs(cast({{ value }} as {{ type_double() }})), 1e24) * {{ factor }} + 0.500001)
    as decimal(28, 0)
)
{%- endmacro %}
