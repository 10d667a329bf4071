{#- Adds to measured distances what PSI shows without any drift, the smallest PSI that this size could show, and
    the PSI of a week and of four weeks before. Expects a CTE `measured` with bin_count, current_rows,
    reference_rows, psi and block_psi_p99. -#}
{% macro judged_psi(series_columns) -%}
sized as (
    select
        *,
        greatest(bin_count - 1, 1) as degrees_of_freedom,
        1.0 / nullif(current_rows, 0) + 1.0 / nullif(reference_rows, 0) as inverse_size
    from measured
),

judged as (
    select
        *,
        case
            when inverse_size is not null then greatest(
                {{ chi_square_p99('degrees_of_freedom') }} * inverse_size,
                coalesce(block_psi_p99, 0)
            )
        end as psi_null_p99,
        case
            -- What the sample size asks for on top of its own null comes on top of the larger null.
            when inverse_size is not null
                then {{ detectable_psi('degrees_of_freedom', 'inverse_size') }}
                    + greatest(
                        coalesce(block_psi_p99, 0)
                        - {{ chi_square_p99('degrees_of_freedom') }} * inverse_size,
                        0
                    )
        end as psi_detectable,
        lag(psi, 7) over series as psi_week_before,
        lag(psi, 28) over series as psi_month_before
    from sized
    window
        series as (
            partition by {{ series_columns | join(', ') }}
            order by metric_date
        )
)
{%- endmacro %}
