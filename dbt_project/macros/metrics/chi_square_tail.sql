{#- Share of a chi-square distribution above a value, by Wilson and Hilferty (1931), within 0.015
    of all; with one degree of freedom it is that of a normal's square. -#}
{% macro chi_square_tail(value, degrees_of_freedom) -%}
{%- set ninths = '(2 / (9 * cast(' ~ degrees_of_freedom ~ ' as ' ~ type_double() ~ ')))' -%}
{%- set z -%}
((power(({{ value }}) / {{ degrees_of_freedom }}, 1 / 3.0e0) - 1 + {{ ninths }}) / sqrt({{ ninths }}))
{%- endset -%}
case
    when {{ degrees_of_freedom }} = 1 then 2 * {{ upper_normal('sqrt(' ~ value ~ ')') }}
    else {{ upper_normal(z) }}
end
{%- endmacro %}
