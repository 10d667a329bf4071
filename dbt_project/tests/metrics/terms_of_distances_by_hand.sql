{#- Fails for each case in which a macro is not what pencil and paper give.
    Numbers have an exponent, which makes them doubles: quotients of decimals have few digits on
    Spark. -#}
with

cases as (
    -- Pooled 2 x 0.5 x 10 / 30 = 1/3: shares (1/3) / 11 = 1/33 and (10 + 1/3) / 21 = 31/63.
    select
        'empty_current_bin_is_smoothed' as case_name,
        {{ psi_term('0', '10', '10', '20', '2') }} as actual,
        (1 / 33.0e0 - 31 / 63.0e0) * ln((1 / 33.0e0) / (31 / 63.0e0)) as expected
    union all
    select
        'psi_is_symmetric',
        {{ psi_term('10', '0', '20', '10', '2') }},
        {{ psi_term('0', '10', '10', '20', '2') }}
    union all
    select 'psi_of_equal_shares_is_0', {{ psi_term('5', '10', '10', '20', '2') }}, 0
    union all
    select 'bin_empty_on_both_sides_adds_nothing', {{ psi_term('0', '0', '10', '20', '2') }}, 0
    union all
    -- 1/3 of a row in the empty bin of 10 + 1 rows.
    select
        'share_of_an_empty_bin_is_smoothed',
        {{ smoothed_share('0', '10', '10', '20', '2') }},
        1 / 33.0e0
    union all
    select
        'share_of_a_bin_empty_on_both_sides_is_0',
        {{ smoothed_share('0', '0', '10', '20', '2') }},
        0
    union all
    -- 10 of 20 rows of both samples are expected in each: 2 x 5^2 / 10.
    select
        'chi_square_of_5_and_15_of_20_rows',
        {{ chi_square_term('5.0e0', '15.0e0', '20.0e0', '20.0e0') }},
        5
    union all
    select
        'chi_square_of_samples_of_unequal_size',
        {{ chi_square_term('5.0e0', '15.0e0', '20.0e0', '40.0e0') }},
        800 * 0.125e0 * 0.125e0 / 20
    union all
    select
        'chi_square_of_a_bin_empty_on_both_sides_is_0',
        {{ chi_square_term('0.0e0', '0.0e0', '20.0e0', '20.0e0') }},
        0
    union all
    -- 0.25 - 2/40 over the smaller of 2 (1 - 2/40) and 1 - 1/40.
    select
        'cramers_v_is_corrected_for_bias',
        {{ cramers_v('10.25e0', '3', '41') }},
        sqrt(0.2e0 / 0.975e0)
    union all
    select 'cramers_v_of_chance_is_0', {{ cramers_v('1.5e0', '3', '41') }}, 0
    union all
    select 'one_bin_has_no_cramers_v', {{ cramers_v('0.0e0', '1', '41') }}, null
    union all
    select 'two_rows_have_no_cramers_v', {{ cramers_v('2.0e0', '2', '2') }}, null
    union all
    select 'js_of_equal_shares_is_0', {{ js_term('0.5e0', '0.5e0') }}, 0
    union all
    select 'js_of_disjoint_shares_is_half_ln_2', {{ js_term('1.0e0', '0.0e0') }}, 0.5e0 * ln(2.0e0)
    union all
    select 'js_is_symmetric', {{ js_term('0.0e0', '1.0e0') }}, 0.5e0 * ln(2.0e0)
    union all
    select 'js_of_two_empty_bins_is_0', {{ js_term('0.0e0', '0.0e0') }}, 0
    union all
    select 'gap_of_one_sign_is_a_trapezium', {{ area_between('0.2e0', '0.4e0', '2.0e0') }}, 0.6e0
    union all
    select
        'gap_that_changes_its_sign_is_two_triangles',
        {{ area_between('(-0.2e0)', '0.2e0', '1.0e0') }},
        0.1e0
    union all
    select 'open_cell_has_no_area', {{ area_between('0.2e0', '0.4e0', 'null') }}, 0
    union all
    select 'value_above_is_clamped', {{ clamp('5', '1', '3') }}, 3
    union all
    select 'value_below_is_clamped', {{ clamp('0', '1', '3') }}, 1
    union all
    select 'without_bounds_nothing_is_left', {{ clamp('5', 'null', 'null') }}, 0
    union all
    -- Tables give 9.2103, 21.6660 and 50.8922; the approximation is good to 1 %.
    select
        'chi_square_of_2_degrees',
        floor({{ chi_square_p99('2.0e0') }} / 9.2103e0 * 100 + 0.5e0),
        100
    union all
    select
        'chi_square_of_9_degrees',
        floor({{ chi_square_p99('9.0e0') }} / 21.6660e0 * 100 + 0.5e0),
        100
    union all
    select
        'chi_square_of_30_degrees',
        floor({{ chi_square_p99('30.0e0') }} / 50.8922e0 * 100 + 0.5e0),
        100
    union all
    -- Tables give F of 3 and 30 degrees 4.51, of 10 and 100 degrees 2.50, t of 10 degrees 2.2281.
    select 'f_of_3_and_30_degrees', floor({{ f_p99('3.0e0', '30.0e0') }} * 50 + 0.5e0), 226
    union all
    select 'f_of_10_and_100_degrees', floor({{ f_p99('10.0e0', '100.0e0') }} * 20 + 0.5e0), 50
    union all
    -- Tables give 16.9190 for 9 degrees at 5 %.
    select
        'chi_square_of_9_degrees_at_5_percent',
        floor({{ chi_square_quantile('9.0e0', '1.6448536e0') }} / 16.9190e0 * 100 + 0.5e0),
        100
    union all
    select
        'normal_score_of_f_is_the_inverse_of_its_percentile',
        floor({{ f_normal_score(f_p99('3.0e0', '30.0e0'), '3.0e0', '(1 / 30.0e0)') }}
            * 1000000 + 0.5e0),
        2326348
    union all
    select
        'normal_score_of_f_of_endless_degrees_is_that_of_chi_square',
        {{ f_normal_score('(' ~ chi_square_p99('3.0e0') ~ ' / 3.0e0)', '3.0e0', '0.0e0') }},
        2.3263478740408408e0
    union all
    -- Tables give 0.5, 0.0249978951 beyond 1.96 and 9.865876e-10 beyond 6.
    select 'half_lies_above_0', floor({{ upper_normal('0.0e0') }} * 1000000 + 0.5e0), 500000
    union all
    select
        'normal_beyond_1_96',
        floor({{ upper_normal('1.96e0') }} / 0.0249978951e0 * 1000000 + 0.5e0),
        1000000
    union all
    select
        'normal_beyond_minus_1_96',
        floor({{ upper_normal('(-1.96e0)') }} / 0.9750021049e0 * 1000000 + 0.5e0),
        1000000
    union all
    select
        'normal_beyond_6',
        floor({{ upper_normal('6.0e0') }} / 9.865876e-10 * 1000000 + 0.5e0),
        1000000
    union all
    select 'nothing_lies_beyond_40', {{ upper_normal('40.0e0') }}, 0
    union all
    select 'all_lies_beyond_minus_1000', {{ upper_normal('(-1000.0e0)') }}, 1
    union all
    select
        'no_score_no_chance',
        {{ upper_normal('cast(null as ' ~ type_double() ~ ')') }},
        null
    union all
    select
        't_of_10_degrees',
        floor(({{ t_over_z('0.1e0') }}) * 1.959964e0 * 10000 + 0.5e0),
        22281
    union all
    select
        't_of_10_degrees_at_99_5_percent',
        floor(({{ t99_over_z('0.1e0') }}) * 2.575829e0 * 1000 + 0.5e0),
        3169
    union all
    select 't_of_endless_degrees_is_normal', {{ t_over_z('0.0e0') }}, 1
    union all
    select
        'harmonic_span_is_a_sum_of_inverses',
        floor({{ harmonic_span('2.0e0', '5.0e0') }} * 100000 + 0.5e0),
        floor((1 / 3.0e0 + 1 / 4.0e0 + 1 / 5.0e0) * 100000 + 0.5e0)
    union all
    -- After a positive row, a positive and a negative: first 2 / 2, second 2 / 3.
    select
        'positive_of_a_tie_is_first_or_second',
        floor(({{ mixed_precision('1.0e0', '2.0e0', '1.0e0', '1.0e0') }}) * 10000 + 0.5e0),
        8333
    union all
    select
        'positive_of_a_tie_is_second_at_worst',
        floor(({{ worst_precision('1.0e0', '2.0e0', '1.0e0', '1.0e0') }}) * 10000 + 0.5e0),
        6667
    union all
    select
        'positive_of_a_tie_is_first_at_best',
        floor(({{ best_precision('1.0e0', '2.0e0', '1.0e0', '1.0e0') }}) * 10000 + 0.5e0),
        10000
    union all
    select
        'log_bounds_lie_around_the_mean_as_factors',
        {{ log_bound('0.5e0', '0.1e0', 1) }} * {{ log_bound('0.5e0', '0.1e0', -1) }},
        0.25e0
    union all
    -- 100 rows on each side, 10 in each of 10 bins:
    -- 9 (1/100 + 1/100) (100/105)^2 (1 + 0.5/10 + 0.2/10).
    select
        'expected_psi_of_equal_samples',
        {{ expected_psi('9.0e0', '100.0e0', '100.0e0', '10.0e0') }},
        9 * 0.02e0 * power(100 / 105.0e0, 2) * 1.07e0
    union all
    -- At the detectable noncentrality the mean less 0.8416 deviations is the 99 % quantile.
    select
        'detectable_psi_exceeds_the_null_quantile_with_power_0_8',
        floor(1000 * (
            9 + {{ detectable_psi('9.0e0', '1.0e0') }}
            - 0.8416212e0 * sqrt(2 * (9 + 2 * {{ detectable_psi('9.0e0', '1.0e0') }}))
        ) + 0.5e0),
        floor(1000 * {{ chi_square_p99('9.0e0') }} + 0.5e0)
    union all
    select
        'detectable_psi_falls_with_the_size',
        {{ detectable_psi('9.0e0', '0.01e0') }},
        0.01e0 * {{ detectable_psi('9.0e0', '1.0e0') }}
)

select * from cases
where not coalesce(abs(actual - expected) < 1e-9, actual is null and expected is null)
