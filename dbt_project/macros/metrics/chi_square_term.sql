{#- One bin's part of the chi-square of two samples: over both of them, the squared distance of the
    counted rows from those expected, over the expected. A bin empty in both is no bin. -#}
{% macro chi_square_term(current_rows, reference_rows, current_total, reference_total) -%}
case
    when {{ current_rows }} + {{ reference_rows }} > 0
        then {{ current_total }} * {{ reference_total }}
            * power(
                {{ ratio(current_rows, current_total) }}
                - {{ ratio(reference_rows, reference_total) }}, 2
            ) / ({{ current_rows }} + {{ reference_rows }})
    else 0
end
{%- endmacro %}
