{#- The value of a normal as far out as t, of either sign, is in Student's distribution (Wallace
    1959): never negative. -#}
{% macro z_of_t(t, degrees_of_freedom) -%}
(
    (8 * {{ degrees_of_freedom }} + 1) / (8 * {{ degrees_of_freedom }} + 3.0)
    * sqrt({{ degrees_of_freedom }} * ln(1 + {{ t }} * {{ t }} / {{ degrees_of_freedom }}))
)
{%- endmacro %}
