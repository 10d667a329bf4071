{#- 99th percentile of chi-square by Wilson and Hilferty (1931); within 1 % from 2 degrees of freedom on. -#}
{% macro chi_square_p99(degrees_of_freedom) -%}
(
    {{ degrees_of_freedom }} * power(
        1 - 2.0 / (9.0 * {{ degrees_of_freedom }})
        + 2.3263478740408408 * sqrt(2.0 / (9.0 * {{ degrees_of_freedom }})),
        3
    )
)
{%- endmacro %}
