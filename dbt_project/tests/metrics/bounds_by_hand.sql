{#- Fails for each case in which a macro is not what pencil and paper (or a textbook) give.
    Numbers have an exponent, which makes them doubles: quotients of decimals have few digits on
    Spark. -#}
with

cases as (
    -- 8 of 10: 0.4902 to 0.9433 (Wilson 1927; e.g. Brown, Cai and DasGupta 2001).
    select
        'wilson_lower' as case_name,
        {{ wilson_bound('0.8e0', '10.0e0', -1) }} as actual,
        0.490162471536642e0 as expected
    union all
    select 'wilson_upper', {{ wilson_bound('0.8e0', '10.0e0', 1) }}, 0.943317848545625e0
    union all
    select 'wilson_of_none_starts_at_0', {{ wilson_bound('0.0e0', '10.0e0', -1) }}, 0
    union all
    -- z^2 / (n + z^2)
    select
        'wilson_of_none_is_not_sure',
        {{ wilson_bound('0.0e0', '10.0e0', 1) }},
        3.841458820694124e0 / 13.841458820694124e0
    union all
    select 'wilson_of_all_ends_at_1', {{ wilson_bound('1.0e0', '10.0e0', 1) }}, 1
    union all
    -- Odds 4, standard error 0.05 / (0.8 x 0.2) = 0.3125 on the logit scale.
    select
        'logit_lower',
        {{ logit_bound('0.8e0', '0.05e0', -1) }},
        1 / (1 + exp(1.959963984540054e0 * 0.3125e0) / 4)
    union all
    select
        'logit_upper',
        {{ logit_bound('0.8e0', '0.05e0', 1) }},
        1 / (1 + exp(-1.959963984540054e0 * 0.3125e0) / 4)
    union all
    select 'logit_has_no_bound_at_1', {{ logit_bound('1.0e0', '0.05e0', -1) }}, null
    union all
    -- F1 0.8 is a Jaccard share of 0.8 / 1.2; both maps rise, so the bound maps too.
    select
        'dice_lower',
        {{ dice_bound('0.8e0', '12.0e0', -1) }},
        2 * {{ wilson_bound('(2 / 3.0e0)', '12.0e0', -1) }}
        / (1 + {{ wilson_bound('(2 / 3.0e0)', '12.0e0', -1) }})
    union all
    -- Values 1, 2, 3: variance 1 over 3 rows.
    select
        'standard_error_of_a_mean',
        {{ mean_standard_error('6.0e0', '14.0e0', '3') }},
        sqrt(1 / 3.0e0)
    union all
    select 'one_row_has_no_standard_error', {{ mean_standard_error('6.0e0', '36.0e0', '1') }}, null
    union all
    select 'no_row_has_no_standard_error', {{ mean_standard_error('0.0e0', '0.0e0', '0') }}, null
    union all
    select 'log_loss_of_a_coin_is_ln_2', {{ log_loss_term('0.5e0', '1') }}, ln(2.0e0)
    union all
    select 'log_loss_of_a_negative', {{ log_loss_term('0.75e0', '0') }}, ln(4.0e0)
    union all
    select
        'log_loss_of_certainty_in_error_is_finite',
        {{ log_loss_term('1.0e0', '0') }},
        52 * ln(2.0e0)
)

select * from cases
where not coalesce(abs(actual - expected) < 1e-9, actual is null and expected is null)
