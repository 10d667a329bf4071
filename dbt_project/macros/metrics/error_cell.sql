{#- The bounds of the cell of an error |score - label|: cells of the score's logit, which a positive
    has mirrored. The outermost reach to 0 and to 1. -#}
{% macro error_cell_bound(error_cell, cells_per_unit) -%}
{{ score_of_cell(error_cell, cells_per_unit) }}
{%- endmacro %}


{#- The cell that such an error lies in. -#}
{% macro error_cell(score_cell, label) -%}
case when {{ label }} = 1 then -1 - {{ score_cell }} else {{ score_cell }} end
{%- endmacro %}
