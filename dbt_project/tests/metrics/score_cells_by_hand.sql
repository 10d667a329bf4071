{#- Fails for each case in which a macro is not what pencil and paper give. -#}
with

cases as (
    select
        'even_odds_start_cell_0' as case_name,
        {{ score_cell('0.5', 50) }} as actual,
        0 as expected
    union all
    select 'just_below_even_odds', {{ score_cell('0.4999', 50) }}, -1
    union all
    -- ln(3) = 1.0986: cell 54 of 50 a unit, 10 of 10 a unit, and the mirror image below.
    select 'three_to_one', {{ score_cell('0.75', 50) }}, 54
    union all
    select 'three_to_one_coarse', {{ score_cell('0.75', 10) }}, 10
    union all
    select 'one_to_three', {{ score_cell('0.25', 50) }}, -55
    union all
    -- ln(0.001 / 0.999) = -6.9068: rare events have cells of their own.
    select 'one_in_a_thousand', {{ score_cell('0.001', 50) }}, -346
    union all
    select 'certainty_ends_the_grid', {{ score_cell('1.0', 50) }}, 499
    union all
    select 'impossibility_starts_the_grid', {{ score_cell('0.0', 50) }}, -500
    union all
    -- Two scales from the centre asinh is ln(2 + sqrt(5)) = 1.4436: cell 72 above, 73 below.
    select 'number_above_the_centre', {{ number_cell('14.0e0', 50) }}, 72
    from (select 10.0e0 as centre, 2.0e0 as scale) as grid
    union all
    select 'number_below_the_centre', {{ number_cell('6.0e0', 50) }}, -73
    from (select 10.0e0 as centre, 2.0e0 as scale) as grid
    union all
    select 'number_at_the_centre', {{ number_cell('10.0e0', 50) }}, 0
    from (select 10.0e0 as centre, 2.0e0 as scale) as grid
),

ranked_cells as (
    select
        cells.rows_through,
        10 as total_rows,
        cells.reference_rows,
        cells.lower_bound,
        cells.upper_bound
    from (
        values (4, 4, 0.0, 2.0), (10, 6, 2.0, 5.0)
    ) as cells (rows_through, reference_rows, lower_bound, upper_bound)
),

-- The median is the fifth of ten rows: one of the six in the second cell, a sixth of the way to 5.
quantiles as (
    select
        'quantile_is_linear_in_its_cell' as case_name,
        max({{ quantile_in_cell(0.5) }}) as actual,
        2.5 as expected
    from ranked_cells
    union all
    select 'quantile_on_the_end_of_a_cell', max({{ quantile_in_cell(0.4) }}), 2.0
    from ranked_cells
    union all
    select 'quantile_lies_in_one_cell', count({{ quantile_in_cell(0.4) }}), 1
    from ranked_cells
)

select * from cases
where actual is distinct from expected
union all
select * from quantiles
where not coalesce(abs(actual - expected) < 1e-9, false)
