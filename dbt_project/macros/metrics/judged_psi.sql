{#- Adds to measured distances what PSI shows without any drift, the smallest PSI that this size
    could show, and the PSI of a week and of four weeks before, from `distances`, the relation that
    keeps all days, of which only these are read. Expects a CTE `measured` with bin_count,
    current_rows, reference_rows, window_days, psi, what day_psi_null gives and day_crowd (how much
    more rows the days of the window have than its mean day, rows weighing alike) on each of `days`.

    PSI without drift is a sum of squares: of bins less one alike, because rows are drawn, and of
    what days share, in fewer directions, so that its tail is longer. Mean, variance and third
    moment of the two give the quantile (Pearson 1959), F in the place of chi-square what the few
    blocks add that the mean is learned from. -#}
{% macro judged_psi(distances, days, series_columns) -%}
sized as (
    select
        measured.*,
        cast(greatest(measured.bin_count - 1, 1) as {{ type_double() }}) as degrees_of_freedom,
        1.0 / nullif(measured.current_rows, 0) + 1.0 / nullif(measured.reference_rows, 0)
            as inverse_size,
        cast(least(measured.current_rows, measured.reference_rows) as {{ type_double() }})
            as smaller_rows,
        cast(greatest(measured.current_rows, measured.reference_rows) as {{ type_double() }})
            as larger_rows,
        coalesce(measured.day_concentration, 1) as concentration,
        -- What days share weighs more the more rows they have.
        coalesce(
            measured.day_excess * measured.day_crowd * measured.current_rows
            / measured.window_days / measured.day_rows,
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
),

expected as (
    select
        *,
        {{ expected_psi('degrees_of_freedom', 'smaller_rows', 'larger_rows', 'bin_count') }}
            as expected_psi,
        {{ psi_row_spread(
            'degrees_of_freedom', '(smaller_rows / nullif(bin_count, 0))'
        ) }} as row_spread
    from sized
),

moments as (
    select
        *,
        2 * (
            row_spread + 2 * day_part / degrees_of_freedom
            + concentration * day_part * day_part
        ) as variance,
        8 * (
            row_spread * sqrt(row_spread / degrees_of_freedom)
            + 3 * day_part * (1 / degrees_of_freedom + concentration * day_part)
            / degrees_of_freedom
            + power(concentration, 2) * power(day_part, 3)
        ) as third_moment
    from expected
),

shaped as (
    select
        *,
        greatest(2 * power(1 + day_part, 2) / variance, 1) as shape,
        greatest(8 * power(variance, 3) / power(third_moment, 2), 1) as tail_shape
    from moments
),

nulled as (
    select
        *,
        expected_psi * (
            1 + day_part + sqrt(variance / (2 * tail_shape))
            * ({{ chi_square_p99('tail_shape') }} - tail_shape)
        ) * case
            when day_part > 0
                then {{ f_p99(
                    'shape', '(shape * block_count * power(1 + 1 / day_part, 2))'
                ) }} / ({{ chi_square_p99('shape') }} / shape)
            else 1
        end as day_psi_p99
    from shaped
),

-- A PSI above 1 is no small shift, whose squares would add up: there blocks speak for themselves.
capped as (
    select
        *,
        case
            when day_psi_p99 is not null and block_psi_p99 > 1
                then least(day_psi_p99, block_psi_p99)
            else day_psi_p99
        end as psi_null_p99
    from nulled
),

judged as (
    select
        *,
        -- What independent rows ask for, and what the null has above theirs.
        {{ detectable_psi('degrees_of_freedom', 'inverse_size') }}
        + greatest(
            psi_null_p99 - {{ chi_square_p99('degrees_of_freedom') }} * inverse_size,
            0
        ) as psi_detectable
    from capped
)
{%- endmacro %}
