{#- Standard error of a mean from sum, sum of squares and count, rows taken as independent. -#}
{% macro mean_standard_error(value_sum, square_sum, row_count) -%}
sqrt(greatest(
    {{ square_sum }} - power({{ value_sum }}, 2) / nullif({{ row_count }}, 0), 0
) / nullif({{ row_count }} * (cast({{ row_count }} as {{ type_double() }}) - 1), 0))
{%- endmacro %}
