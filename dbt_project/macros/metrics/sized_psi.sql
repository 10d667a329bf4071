{#- Adds to the CTE `measured` of judged_psi the sizes that the null of PSI knows, and the PSI of a
    week and of four weeks before, as the CTE `sized`. -#}
{% macro sized_psi(distances, days, series_columns) -%}
{%- set inverse_size -%}
1.0 / nullif(measured.current_rows, 0) + 1.0 / nullif(measured.reference_rows, 0)
{%- endset -%}
sized as (
    select
        measured.*,
        cast(greatest(measured.bin_count - 1, 1) as {{ type_double() }}) as degrees_of_freedom,
        {{ inverse_size }} as inverse_size,
        cast(least(measured.current_rows, measured.reference_rows) as {{ type_double() }})
            as smaller_rows,
        cast(greatest(measured.current_rows, measured.reference_rows) as {{ type_double() }})
            as larger_rows,
        coalesce(measured.day_concentration, 1) as concentration,
        -- What days share weighs more the more rows they have, and the fewer days have them. Those
        -- of a reference that moves are no smaller than those of the window, or it holds few of
        -- them: of a version that is a week old.
        coalesce(
            measured.day_excess / measured.day_rows * (
                coalesce(measured.day_weight, 1) + coalesce(
                    measured.still_weight,
                    greatest(
                        coalesce(measured.moving_weight, 0),
                        coalesce(measured.day_weight, 1) * measured.current_rows
                        / nullif(measured.reference_rows, 0)
                    )
                )
            ) / ({{ inverse_size }}),
            0
        ) as day_part,
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
)
{%- endmacro %}
