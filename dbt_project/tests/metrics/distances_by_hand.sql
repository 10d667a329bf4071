{#- Fails for each distance that is not what pencil and paper give. Two cells of width 1, each a bin
    of its own; of the current 10 rows all lie in the first. Training has all in the second, stable
    is the same as the window, rolling has no rows, previous is half and half. Then a small shift,
    500 to 500 against 510 to 490.
    Numbers have an exponent, which makes them doubles: quotients of decimals have few digits on
    Spark. -#}
with

compared_cells as (
    select
        counts.*, counts.cell_id as bin_id, 1 as bins_version, 'interval' as bin_kind,
        1.0e0 as cell_width, true as is_ordered
    from (
        values
            ('apart', 1, 10, 0, 10, 0, 5),
            ('apart', 2, 0, 10, 0, 0, 5),
            ('close', 1, 500, 510, 500, 0, 500),
            ('close', 2, 500, 490, 500, 0, 500)
    ) as counts (
        window_name, cell_id, current_rows, training_rows, stable_rows, rolling_rows,
        previous_rows
    )
),

{{ distribution_distances('compared_cells', ['window_name']) }},

expectations as (
    select hand_values.*
    from (
        values
            -- Shares 10.5 / 11 and 0.5 / 11, means one width apart.
            (
                'apart', 'training', 10,
                2 * 10 / 11.0e0 * ln(21.0e0), sqrt(ln(2.0e0)), 1.0e0, 0.0e0, 1.0e0, 20.0e0
            ),
            ('apart', 'stable', 10, 0.0e0, 0.0e0, 0.0e0, 1.0e0, 0.0e0, 0.0e0),
            ('apart', 'rolling', 0, null, null, null, null, null, null),
            -- Smoothed 10.75 and 0.25 against 5.75 and 5.25 of 11 rows. Half of the 15 and 5 rows
            -- are expected in each sample: 2.5^2 (2 / 7.5 + 2 / 2.5).
            (
                'apart', 'previous', 10,
                5 / 11.0e0 * ln(10.75e0 / 5.75e0) + 5 / 11.0e0 * ln(5.25e0 / 0.25e0),
                sqrt(0.5e0 * ln(1 / 0.75e0) + 0.25e0 * ln(0.5e0 / 0.75e0) + 0.25e0 * ln(2.0e0)),
                0.5e0, 0.5e0, 0.5e0, 6.25e0 * (2 / 7.5e0 + 2 / 2.5e0)
            )
    ) as hand_values (
        window_name, reference, reference_rows, psi, js_distance, ks, ks_error_bound, area_between,
        chi_square
    )
),

wrong as (
    select distances.window_name, distances.reference
    from distances
    inner join expectations
        on
            distances.window_name = expectations.window_name
            and distances.reference = expectations.reference
    where
        distances.reference_rows <> expectations.reference_rows
        {%- for distance in ['psi', 'js_distance', 'ks', 'ks_error_bound', 'area_between',
            'chi_square'] %}
        or not coalesce(
            abs(distances.{{ distance }} - expectations.{{ distance }}) < 1e-9,
            distances.{{ distance }} is null and expectations.{{ distance }} is null
        )
        {%- endfor %}
)

select * from wrong
union all
select 'close', 'psi is 8 times the Jensen-Shannon divergence'
from distances
where
    window_name = 'close' and reference = 'training'
    and not abs(psi / (8 * js_distance * js_distance) - 1) < 0.01e0
union all
select 'all', 'not eight rows'
from distances
having count(*) <> 8
