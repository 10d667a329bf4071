{#- Share of a chi-square distribution above a value, by Wilson and Hilferty (1931), within 0.015
    of all; with one degree of freedom it is that of a normal's square. -#}
{% macro chi_square_tail(value, degrees_of_freedom) -%}
{%- set ninths = '(2 / (9 * cast(' ~ degrees_of_freedom ~ ' as ' ~ type_double() ~ ')))' -%}
{%- set z -%}
((power(({{ value }}) / {{ degrees_of_freedom }}, 1 / 3.0e0) - 1 + {{ ninths }}) / sqrt({{ ninths }}))
{%- endset -%}
case
    when {{ degrees_of_freedom }} = 1 then 2 * {{ normal_tail('sqrt(' ~ value ~ ')') }}
    when {{ z }} < 0 then 1 - {{ normal_tail('(-' ~ z ~ ')') }}
    else {{ normal_tail(z) }}
end
{%- endmacro %}
