{#- The standard normal deviate that is exceeded as often as a value of F, by Paulson (1942): the
    cube root of F is a ratio of two normals. f_p99 is its inverse at one hundredth. The score ends
    where the divisor may be 0. -#}
{% macro f_normal_score(f_value, degrees_of_freedom, inverse_divisor_degrees) -%}
{%- set above_ninths = '(2 / (9 * ' ~ degrees_of_freedom ~ '))' -%}
{%- set below_ninths = '(2 * ' ~ inverse_divisor_degrees ~ ' / 9)' -%}
{%- set root = 'power(' ~ f_value ~ ', 1 / 3.0e0)' -%}
(
    ((1 - {{ below_ninths }}) * {{ root }} - (1 - {{ above_ninths }}))
    / sqrt({{ above_ninths }} + {{ below_ninths }} * {{ root }} * {{ root }})
)
{%- endmacro %}
