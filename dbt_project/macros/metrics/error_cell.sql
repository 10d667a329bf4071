{#- The bounds of the cell of an error |score - label|: cells of the score's logit, which a positive
    has mirrored. The outermost reach to 0 and to 1. -#}
{% macro error_cell_bound(error_cell, cells_per_unit) -%}
case
    when {{ error_cell }} <= -10 * {{ cells_per_unit }} then 0
    when {{ error_cell }} >= 10 * {{ cells_per_unit }} then 1
    else 1 / (1 + exp(-({{ error_cell }}) / cast({{ cells_per_unit }} as {{ type_double() }})))
end
{%- endmacro %}


{#- The cell that such an error lies in. -#}
{% macro error_cell(score_cell, label) -%}
case when {{ label }} = 1 then -1 - {{ score_cell }} else {{ score_cell }} end
{%- endmacro %}
