{#- Adds to measured distances what PSI shows without any drift and how often it would be as large,
    the smallest PSI that this size could show, and the PSI of a week and of four weeks before, from
    `distances`, the relation that keeps all days, of which only these are read. Expects a CTE
    `measured` with bin_count, current_rows, reference_rows, window_days, psi, what day_psi_null
    gives, day_weight, moving_weight (day_weights) and still_weight (int_reference_weights), of which
    one at most is given, on each of `days`. -#}
{% macro judged_psi(distances, days, series_columns) -%}
{{ sized_psi(distances, days, series_columns) }},

{{ psi_null('sized') }},

{{ psi_p_value('nulled') }},

judged as (
    select
        *,
        -- What independent rows ask for, and what the null has above theirs.
        {{ detectable_psi('degrees_of_freedom', 'inverse_size') }}
        + greatest(
            psi_null_p99 - {{ chi_square_p99('degrees_of_freedom') }} * inverse_size,
            0
        ) as psi_detectable
    from weighed_psi
)
{%- endmacro %}
