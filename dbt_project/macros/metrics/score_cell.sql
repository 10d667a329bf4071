{#- Cell of a probability on a fixed grid of the logit, from -10 to 10: fine where scores are small.
    Beyond the two limits a score lies in the outermost cell anyway. -#}
{% macro score_cell(score, cells_per_unit) -%}
case
    when {{ score }} < 0.0000454 then {{ -10 * cells_per_unit }}
    when {{ score }} > 0.9999546 then {{ 10 * cells_per_unit - 1 }}
    else cast(floor({{ cells_per_unit }} * ln({{ score }} / (1 - {{ score }}))) as integer)
end
{%- endmacro %}
