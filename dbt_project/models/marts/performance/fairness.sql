{{ config(materialized='view') }}
{#- Rates of each group of a protected attribute against all other rows, over the windows of
    `performance`, from its daily facts. Who is selected needs no label, and is counted of all rows
    with a score: labels may come to the selected alone. Intervals take the design effect (Rao and
    Scott 1992) that the last 30 days show: how far days pull a rate, or the difference of two,
    beside what independent rows would. A day that pulls both groups alike pulls the difference
    little. -#}
{%- set keys = [
    'monitor', 'model_version', 'metric_date', 'segment_name', 'segment_value', 'metric_name',
] -%}
{%- set sides = ['own', 'other'] -%}
{%- set products = [
    ('own_square', 'own_successes * own_successes'),
    ('own_product', 'own_successes * own_trials'),
    ('own_trial_square', 'own_trials * own_trials'),
    ('other_square', 'other_successes * other_successes'),
    ('other_product', 'other_successes * other_trials'),
    ('other_trial_square', 'other_trials * other_trials'),
    ('both_successes', 'own_successes * other_successes'),
    ('own_successes_other_trials', 'own_successes * other_trials'),
    ('own_trials_other_successes', 'own_trials * other_successes'),
    ('both_trials', 'own_trials * other_trials'),
] -%}
with

-- A group has enough rows where its performance has, or enough with a score.
windows as (
    select
        measured.monitor,
        measured.model_version,
        measured.metric_date,
        measured.window_days,
        measured.segment_name,
        measured.segment_value,
        measured.row_count,
        measured.labeled_rows,
        measured.label_coverage,
        measured.is_mature,
        measured.status <> 'insufficient_data' as has_enough_labels,
        estimates.is_whole_window,
        thresholds.min_rows
    from {{ ref('performance') }} as measured
    inner join {{ ref('int_metric_window') }} as estimates
        on
            estimates.traffic = 'live'
            and {{ same_columns('measured', 'estimates', [
                'monitor', 'model_version', 'metric_date', 'window_days', 'segment_name',
                'segment_value', 'metric_name',
            ]) }}
    left join {{ ref('int_thresholds_daily') }} as thresholds
        on
            {{ same_columns('measured', 'thresholds', [
                'monitor', 'metric_date', 'segment_name', 'segment_value',
            ]) }}
            and thresholds.rule_id = 'performance_level'
    where
        measured.metric_name = 'accuracy'
        and measured.reference = 'training'
        and {{ is_protected('measured') }}
),

daily as (
    select
        facts.monitor,
        facts.model_version,
        facts.metric_date,
        facts.segment_name,
        facts.segment_value,
        metrics.metric_name,
        cast(case metrics.metric_name
            when 'selection_rate' then facts.called_rows
            when 'true_positive_rate' then facts.true_positives
            when 'false_positive_rate' then facts.false_positives
            else facts.labeled_rows - facts.false_positives - facts.false_negatives
        end as {{ type_double() }}) as successes,
        cast(case metrics.metric_name
            when 'selection_rate'
                then facts.row_count - facts.null_scores - facts.invalid_scores
            when 'true_positive_rate' then facts.positive_rows
            when 'false_positive_rate' then facts.labeled_rows - facts.positive_rows
            else facts.labeled_rows
        end as {{ type_double() }}) as trials
    from {{ ref('int_performance_daily') }} as facts
    cross join (
        values
        ('selection_rate'), ('true_positive_rate'), ('false_positive_rate'), ('accuracy')
    ) as metrics (metric_name)
    where
        facts.traffic = 'live'
        and (facts.segment_name = 'overall' or {{ is_protected('facts') }})
        -- Days that were counted before there was such a count have no part.
        and (metrics.metric_name <> 'selection_rate' or facts.called_rows is not null)
),

-- Each group on each day beside all rows that are not of it.
paired as (
    select
        windows.monitor,
        windows.model_version,
        windows.metric_date,
        windows.segment_name,
        windows.segment_value,
        everyone.metric_name,
        {{ days_between('windows.metric_date', 'everyone.metric_date') }} as days_before,
        coalesce(own.successes, 0) as own_successes,
        coalesce(own.trials, 0) as own_trials,
        everyone.successes - coalesce(own.successes, 0) as other_successes,
        everyone.trials - coalesce(own.trials, 0) as other_trials
    from windows
    {{ explode_days_of(add_days('windows.metric_date', -29), 'windows.metric_date', 'members',
        'member_date') }}
    inner join daily as everyone
        on
            windows.monitor = everyone.monitor
            and windows.model_version = everyone.model_version
            and everyone.segment_name = 'overall'
            and members.member_date = everyone.metric_date
    left join daily as own
        on
            windows.monitor = own.monitor
            and windows.model_version = own.model_version
            and windows.segment_name = own.segment_name
            and windows.segment_value = own.segment_value
            and everyone.metric_name = own.metric_name
            and everyone.metric_date = own.metric_date
    where windows.window_days = 30
),

summed as (
    select
        {{ keys | join(', ') }},
        {% for days in [1, 7, 30] %}
        {% for side in sides %}
        sum(case when days_before < {{ days }} then {{ side }}_successes else 0 end)
            as {{ side }}_successes_{{ days }},
        sum(case when days_before < {{ days }} then {{ side }}_trials else 0 end)
            as {{ side }}_trials_{{ days }},
        {% endfor %}
        {% endfor %}
        {% for name, product in products %}
        sum({{ product }}) as {{ name }},
        {% endfor %}
        {{ count_where('own_trials > 0') }} as own_days,
        {{ count_where('own_trials > 0 and other_trials > 0') }} as shared_days
    from paired
    group by {{ keys | join(', ') }}
),

rated as (
    select
        *,
        {{ ratio('own_successes_30', 'own_trials_30') }} as own_rate,
        {{ ratio('other_successes_30', 'other_trials_30') }} as other_rate
    from summed
),

-- Sums of squares of what days add beyond the rate of the 30 days, and what rows alone would give.
pulled as (
    select
        *,
        {% for side in sides %}
        {{ side }}_square - 2 * {{ side }}_rate * {{ side }}_product
        + {{ side }}_rate * {{ side }}_rate * {{ side }}_trial_square as {{ side }}_pull,
        {{ side }}_rate * (1 - {{ side }}_rate)
        * ({{ side }}_trials_30 - {{ side }}_trial_square / nullif({{ side }}_trials_30, 0))
            as {{ side }}_variance,
        {% endfor %}
        both_successes - other_rate * own_successes_other_trials
        - own_rate * own_trials_other_successes + own_rate * other_rate * both_trials as shared_pull
    from rated
),

gaps_pulled as (
    select
        *,
        own_pull / nullif(power(own_trials_30, 2), 0)
        + other_pull / nullif(power(other_trials_30, 2), 0)
        - 2 * shared_pull / nullif(own_trials_30 * other_trials_30, 0) as gap_pull,
        own_variance / nullif(power(own_trials_30, 2), 0)
        + other_variance / nullif(power(other_trials_30, 2), 0) as gap_variance
    from pulled
),

effects as (
    select
        *,
        {{ rate_design_effect('own_pull', 'own_variance', 'own_days') }} as design_effect,
        {{ rate_design_effect('gap_pull', 'gap_variance', 'shared_days') }} as gap_design_effect
    from gaps_pulled
),

widened as (
    select
        windows.*,
        effects.metric_name,
        effects.design_effect,
        effects.gap_design_effect,
        {% for side in sides %}
        {% for column in ['successes', 'trials'] %}
        case windows.window_days
            when 1 then effects.{{ side }}_{{ column }}_1
            when 7 then effects.{{ side }}_{{ column }}_7
            else effects.{{ side }}_{{ column }}_30
        end as {{ side }}_{{ column }},
        {% endfor %}
        {% endfor %}
        {{ rate_widening('effects.design_effect', 'effects.own_days') }} as widening,
        {{ rate_widening('effects.gap_design_effect', 'effects.shared_days') }} as gap_widening
    from windows
    inner join effects
        on {{ same_columns('windows', 'effects', [
            'monitor', 'model_version', 'metric_date', 'segment_name', 'segment_value',
        ]) }}
),

valued as (
    select
        *,
        {{ ratio('own_successes', 'own_trials') }} as metric_value,
        {{ ratio('other_successes', 'other_trials') }} as other_value,
        case
            when metric_name = 'selection_rate'
                then coalesce(is_whole_window and own_trials >= min_rows, false)
            else has_enough_labels
        end as has_enough_rows
    from widened
),

bounded as (
    select
        *,
        {% for side, sign in [('lower', -1), ('upper', 1)] %}
        {{ wilson_bound('metric_value', 'nullif(own_trials / widening, 0)', sign) }}
            as {{ side }}_bound,
        {{ wilson_bound('metric_value', 'nullif(own_trials / gap_widening, 0)', sign) }}
            as own_{{ side }},
        {{ wilson_bound('other_value', 'nullif(other_trials / gap_widening, 0)', sign) }}
            as other_{{ side }},
        {% endfor %}
        -- Groups to compare with each other: of enough rows, with a value.
        case
            when has_enough_rows and segment_value <> 'unknown' then metric_value
        end as compared_value
    from valued
),

spread as (
    select
        *,
        min(compared_value) over attribute_window as lowest_value,
        max(compared_value) over attribute_window as highest_value,
        count(compared_value) over attribute_window as compared_groups
    from bounded
    window attribute_window as (
        partition by
            monitor, model_version, metric_date, window_days, segment_name, metric_name
    )
),

-- Bounds of a difference of two shares after Newcombe (1998, method 10).
final as (
    select
        monitor,
        model_version,
        metric_date,
        window_days,
        segment_name as protected_attribute,
        segment_value as group_value,
        metric_name,
        metric_value,
        lower_bound,
        upper_bound,
        other_value as value_of_others,
        metric_value - other_value as gap,
        metric_value - other_value
        - sqrt(power(metric_value - own_lower, 2) + power(other_upper - other_value, 2))
            as gap_lower_bound,
        metric_value - other_value
        + sqrt(power(own_upper - metric_value, 2) + power(other_value - other_lower, 2))
            as gap_upper_bound,
        case when compared_groups > 1 then highest_value - lowest_value end as gap_between_groups,
        case when compared_groups > 1 then lowest_value / nullif(highest_value, 0) end
            as ratio_between_groups,
        cast(compared_groups as integer) as compared_groups,
        cast(own_successes as bigint) as numerator,
        cast(own_trials as bigint) as denominator,
        cast(other_successes as bigint) as numerator_of_others,
        cast(other_trials as bigint) as denominator_of_others,
        row_count,
        labeled_rows,
        design_effect,
        gap_design_effect,
        case when has_enough_rows then 'ok' else 'insufficient_data' end as status,
        label_coverage,
        is_mature
    from spread
)

select * from final
