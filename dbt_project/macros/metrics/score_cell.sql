{#- Cell of a probability on a fixed grid of the logit, from -10 to 10: fine where scores are small.
    Beyond the two limits a score lies in the outermost cell anyway. -#}
{% macro score_cell(score, cells_per_unit) -%}
case
    when {{ score }} < 0.0000454 then {{ -10 * cells_per_unit }}
    when {{ score }} > 0.9999546 then {{ 10 * cells_per_unit - 1 }}
    else cast(floor({{ cells_per_unit }} * ln({{ score }} / (1 - {{ score }}))) as integer)
end
{%- endmacro %}


{#- The probability at the lower end of such a cell; the outermost reach to 0 and to 1. -#}
{% macro score_of_cell(cell, cells_per_unit) -%}
case
    when {{ cell }} <= -10 * {{ cells_per_unit }} then 0
    when {{ cell }} >= 10 * {{ cells_per_unit }} then 1
    else 1 / (1 + exp(-({{ cell }}) / cast({{ cells_per_unit }} as {{ type_double() }})))
end
{%- endmacro %}


{#- Cell of a predicted number on a grid that is even near its centre and logarithmic far from it,
    the inverse hyperbolic sine of the distance from the centre in units of scale. -#}
{% macro number_cell(score, cells_per_unit) -%}
{%- set distance = '((' ~ score ~ ' - centre) / scale)' -%}
{#- Squares of what is far or near would not be numbers of every engine. -#}
{%- set size = 'greatest(least(abs(' ~ distance ~ '), 1e100), 1e-100)' -%}
cast(floor(
    {{ cells_per_unit }} * sign({{ distance }}) * ln({{ size }} + sqrt({{ size }} * {{ size }} + 1))
) as integer)
{%- endmacro %}


{#- The number at the lower end of such a cell. -#}
{% macro number_of_cell(cell, cells_per_unit) -%}
{%- set distance = ratio(cell, cells_per_unit) -%}
centre + scale * (exp({{ distance }}) - exp(-({{ distance }}))) / 2
{%- endmacro %}
