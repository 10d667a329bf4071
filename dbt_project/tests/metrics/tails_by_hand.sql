{#- Fails for each case in which a tail, or what error patterns stand on, is not what a textbook or
    pencil and paper give, within the share of itself that is stated. -#}
with

cases as (
    -- 2.0639 is the 97.5 % quantile of 24 degrees of freedom, 2.5706 that of 5.
    select
        'z_of_t_with_24' as case_name,
        {{ z_of_t('-2.0638985616280205e0', '24.0e0') }} as actual,
        1.959964e0 as expected,
        2e-4 as tolerance
    union all
    select 'z_of_t_with_5', {{ z_of_t('2.5705818366147395e0', '5.0e0') }}, 1.959964e0, 5e-3
    union all
    select 'quantile_above_5_percent', {{ normal_quantile_above('0.05e0') }}, 1.6448536e0, 5e-4
    union all
    select 'chi_square_with_1', {{ chi_square_tail('3.841458820694124e0', '1') }}, 0.05e0, 1e-6
    union all
    select 'chi_square_with_4', {{ chi_square_tail('9.487729036781154e0', '4') }}, 0.05e0, 2e-2
    union all
    select 'chi_square_below_its_mean', {{ chi_square_tail('1.0e0', '4') }}, 0.9097960e0, 5e-3
    union all
    select 'chi_square_with_none', {{ chi_square_tail('1.0e0', 'nullif(0, 0)') }}, null, 0
    union all
    -- Values 1, 2, 3: variance 1 over 3 rows.
    select 'variance_of_a_mean', {{ variance_of_mean('6.0e0', '14.0e0', '3') }}, 1 / 3.0e0, 1e-12
    union all
    select 'equal_values_have_none', {{ variance_of_mean('6.0e0', '12.0e0', '3') }}, null, 0
    union all
    -- 1, 2 and, of weight 2, 3: as much as 16 / 6 rows, around 9 / 4 with a mean square of 23 / 4.
    select
        'what_weighs_more_tells_less',
        {{ variance_of_mean('9.0e0', '23.0e0', '4', '6') }},
        0.4125e0,
        1e-12
    union all
    select
        'a_positive_is_as_far_off_as_its_score_is_from_1',
        {{ error_cell_bound(error_cell('-50', '1'), 50) }},
        1 / (1 + exp(-0.98e0)),
        1e-12
    union all
    select 'errors_reach_to_1', {{ error_cell_bound('500', 50) }}, 1, 0
    union all
    select 'errors_begin_at_0', {{ error_cell_bound('-100', 10) }}, 0, 0
    union all
    select 'an_error_of_the_scale', {{ residual_cell('2.0e0', 20) }}, 201, 0
    from (select 2.0e0 as scale) as grid
    union all
    select 'one_of_a_tenth_too_low', {{ residual_cell('-0.25e0', 20) }}, -182, 0
    from (select 2.0e0 as scale) as grid
    union all
    select 'no_error', {{ residual_cell('0.0e0', 100) }}, 0, 0
    from (select 2.0e0 as scale) as grid
    union all
    select 'such_a_cell_begins_at_the_scale', {{ residual_cell_bound('201', 20) }}, 1, 1e-12
    union all
    select 'and_the_next_is_a_twentieth_of_a_decade_on', {{ residual_cell_bound('202', 20) }},
        1.1220184543019633e0, 1e-12
    union all
    select 'cell_0_begins_at_0', {{ residual_cell_bound('0', 100) }}, 0, 0
),

-- Of 10,001 rows a half, of 160,001 a 32nd part, never less than a 65,536th.
samples as (
    {% for row_count, expected in [
        (0, none), (10000, none), (10001, '8'), (20000, '8'), (20001, '4'), (80001, '1'),
        (160000, '1'), (160001, '08'), (2560001, '008'), (900000000000, '0001'),
    ] %}
    {{ 'union all' if not loop.first }}
    select
        {{ row_count }} as row_count,
        {{ first_left_out(row_count) }} as actual,
        {{ sql_text(expected) if expected else 'cast(null as ' ~ dbt.type_string() ~ ')' }}
            as expected
    {% endfor %}
)

select case_name
from cases
where
    not coalesce(
        abs(actual - expected) <= tolerance * abs(expected), actual is null and expected is null
    )
union all
select cast(row_count as {{ dbt.type_string() }})
from samples
where actual is distinct from expected
