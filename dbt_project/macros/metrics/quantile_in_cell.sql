{#- The quantile if it lies in this cell (else null), linear between the cell's bounds. Expects the
    columns rows_through, total_rows, reference_rows (or the column named as row_count), lower_bound
    and upper_bound. -#}
{% macro quantile_in_cell(quantile, row_count='reference_rows') -%}
case
    when {{ row_count }} > 0
        and rows_through >= {{ quantile }} * total_rows
        and rows_through - {{ row_count }} < {{ quantile }} * total_rows
        then coalesce(lower_bound, upper_bound)
            + (coalesce(upper_bound, lower_bound) - coalesce(lower_bound, upper_bound))
            * ({{ quantile }} * total_rows - (rows_through - {{ row_count }})) / {{ row_count }}
end
{%- endmacro %}
