{#- Adds to measured distances what PSI shows without any drift, the smallest PSI that this size
    could show, and the PSI of a week and of four weeks before, from `distances`, the relation that
    keeps all days, of which only these are read. Expects a CTE `measured` with bin_count,
    current_rows, reference_rows, psi and block_psi_p99 on each of `days`. -#}
{% macro judged_psi(distances, days, series_columns) -%}
sized as (
    select
        measured.*,
        greatest(measured.bin_count - 1, 1) as degrees_of_freedom,
        1.0 / nullif(measured.current_rows, 0) + 1.0 / nullif(measured.reference_rows, 0)
            as inverse_size,
        week_before.psi as psi_week_before,
        month_before.psi as psi_month_before
    from measured
    {% for name, days_before in [('week_before', -7), ('month_before', -28)] %}
    left join (
        select earlier.*
        from {{ distances }} as earlier
        inner join {{ days }} as days
            on
                earlier.monitor = days.monitor
                and earlier.metric_date = {{ add_days('days.metric_date', days_before) }}
    ) as {{ name }}
        on
            {{ name }}.metric_date = {{ add_days('measured.metric_date', days_before) }}
            {% for column in series_columns %}
            and measured.{{ column }} = {{ name }}.{{ column }}
            {% endfor %}
    {% endfor %}
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
        end as psi_detectable
    from sized
)
{%- endmacro %}
