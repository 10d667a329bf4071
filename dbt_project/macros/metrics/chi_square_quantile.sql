{#- Quantile of chi-square by Wilson and Hilferty (1931): that of the normal distribution is
    `normal_score`. -#}
{% macro chi_square_quantile(degrees_of_freedom, normal_score) -%}
{%- set ninths = '(2 / (9 * cast(' ~ degrees_of_freedom ~ ' as ' ~ type_double() ~ ')))' -%}
(
    {{ degrees_of_freedom }} * power(
        1 - {{ ninths }} + {{ normal_score }} * sqrt({{ ninths }}),
        3
    )
)
{%- endmacro %}
