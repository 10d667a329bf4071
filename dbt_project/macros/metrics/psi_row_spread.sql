{#- Half the squared coefficient of variation of the smoothed PSI of independent rows: one over the
    degrees of freedom for many rows a bin, for sparse bins measured by simulation
    (docs/statistics.md). -#}
{% macro psi_row_spread(degrees_of_freedom, rows_a_bin) -%}
case
    when {{ rows_a_bin }} < 5
        then least(greatest(0.56 + 0.674 * ln(nullif({{ rows_a_bin }}, 0)), 0.2), 1.43)
    else 1 + 2.15 / nullif({{ rows_a_bin }}, 0)
end / {{ degrees_of_freedom }}
{%- endmacro %}
