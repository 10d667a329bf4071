{#- Cell of a probability on a fixed grid of the logit, from -10 to 10: fine where scores are small. -#}
{% macro score_cell(score, cells_per_unit) -%}
cast(greatest(least(
    floor({{ cells_per_unit }} * ln(
        greatest({{ score }}, 0.00001) / greatest(1 - {{ score }}, 0.00001)
    )),
    {{ 10 * cells_per_unit - 1 }}), {{ -10 * cells_per_unit }}) as integer)
{%- endmacro %}
