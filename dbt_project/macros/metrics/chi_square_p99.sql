{#- 99th percentile of chi-square by Wilson and Hilferty (1931); within 1 % from 2 degrees of
    freedom on. -#}
{% macro chi_square_p99(degrees_of_freedom) -%}
{%- set ninths = '(2 / (9 * cast(' ~ degrees_of_freedom ~ ' as ' ~ type_double() ~ ')))' -%}
(
    {{ degrees_of_freedom }} * power(
        1 - {{ ninths }} + 2.3263478740408408 * sqrt({{ ninths }}),
        3
    )
)
{%- endmacro %}
