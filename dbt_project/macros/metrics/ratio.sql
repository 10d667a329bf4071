{#- A quotient as a double on every engine; null where the divisor is 0. Integers and decimals would
    be cut off or rounded. -#}
{% macro ratio(dividend, divisor) -%}
cast({{ dividend }} as {{ type_double() }}) / nullif({{ divisor }}, 0)
{%- endmacro %}
