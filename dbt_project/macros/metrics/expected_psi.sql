{#- Mean of the smoothed PSI of two samples of one distribution, rows taken as independent: a
    chi-square's over the harmonic size, less what smoothing takes from a difference of shares. The
    last factor is that of sparse bins, measured by simulation (docs/statistics.md). -#}
{% macro expected_psi(degrees_of_freedom, smaller_rows, larger_rows, bin_count) -%}
{%- set rows_a_bin = '(' ~ smaller_rows ~ ' / nullif(' ~ bin_count ~ ', 0))' -%}
(
    {{ degrees_of_freedom }} * power(
        1 / nullif({{ smaller_rows }} + 0.5 * {{ bin_count }}, 0)
        + 1 / nullif({{ larger_rows }} + 0.5 * {{ bin_count }}, 0), 2
    ) / (1.0 / nullif({{ smaller_rows }}, 0) + 1.0 / nullif({{ larger_rows }}, 0))
    * (
        case
            when {{ rows_a_bin }} < 5
                then least(greatest(
                    1.015 + 0.16 * ln(nullif({{ rows_a_bin }}, 0)), 0.6
                ), 1.12)
            else 1 + 0.5 / nullif({{ rows_a_bin }}, 0)
        end
        + 0.2 * {{ smaller_rows }} / nullif({{ larger_rows }}, 0) / greatest({{ rows_a_bin }}, 0.5)
    )
)
{%- endmacro %}
