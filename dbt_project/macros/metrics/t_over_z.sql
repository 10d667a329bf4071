{#- How much wider than the normal the 97.5 % quantile of Student's t is, from one over its degrees
    of freedom, by the expansion of Abramowitz and Stegun (1964, 26.7.5). Beyond 1 / 4, where the
    expansion ends to hold, it is that of 4 degrees. -#}
{% macro t_over_z(inverse_degrees) -%}
{%- set inverse = 'least(' ~ inverse_degrees ~ ', 0.25)' -%}
1 + {{ inverse }} * (1.2103647 + {{ inverse }} * (1.4400768 + {{ inverse }} * (
    1.3040289 + {{ inverse }} * 0.8110017)))
{%- endmacro %}


{#- The same of the 99.5 % quantile. -#}
{% macro t99_over_z(inverse_degrees) -%}
{%- set inverse = 'least(' ~ inverse_degrees ~ ', 0.25)' -%}
1 + {{ inverse }} * (1.9087242 + {{ inverse }} * (3.4298709 + {{ inverse }} * (
    4.7147130 + {{ inverse }} * 4.6799779)))
{%- endmacro %}
