{#- 99th percentile of F by Paulson (1942): the cube root of F is a ratio of two normals, so it
    solves a quadratic; within 1 % where the divisor has 7 times as many degrees of freedom. -#}
{% macro f_p99(degrees_of_freedom, divisor_degrees) -%}
{%- set above = '(1 - 2 / (9 * ' ~ degrees_of_freedom ~ '))' -%}
{%- set below = '(1 - 2 / (9 * ' ~ divisor_degrees ~ '))' -%}
{#- 5.4118943 is the square of the normal's 99th percentile. -#}
{%- set above_spread = '(5.4118943 * 2 / (9 * ' ~ degrees_of_freedom ~ '))' -%}
{%- set below_spread = '(5.4118943 * 2 / (9 * ' ~ divisor_degrees ~ '))' -%}
{%- set leading = '(' ~ below ~ ' * ' ~ below ~ ' - ' ~ below_spread ~ ')' -%}
power(
    (
        {{ above }} * {{ below }}
        + sqrt(
            {{ above }} * {{ above }} * {{ below_spread }}
            + {{ below }} * {{ below }} * {{ above_spread }}
            - {{ above_spread }} * {{ below_spread }}
        )
    ) / {{ leading }},
    3
)
{%- endmacro %}
