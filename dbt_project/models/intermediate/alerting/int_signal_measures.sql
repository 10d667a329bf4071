{#- What each rule looks at, one row per rule, target and day, as a divergence that is bad when it
    is large. `evidence` is its size in standard errors where one is known, and `is_consistent` is
    false where chance explains it otherwise. -#}
with

rules as (
    select * from {{ ref('default_signal_rules') }}
),

affected as (
    select monitor, metric_date from {{ ref('int_affected_days') }}
),

-- The primary metric, and those of the user that are not primary.
judged_metrics as (
    select
        monitor,
        metric_name,
        horizon_days,
        change_kind,
        case when is_primary then 'performance' else 'business' end as layer
    from {{ ref('metric_definitions') }}
    where is_primary or is_business
),

performance_measures as (
    select
        performance.monitor,
        performance.metric_date,
        {{ add_days('performance.metric_date', 'judged_metrics.horizon_days') }} as known_on,
        rules.rule_id,
        performance.metric_name,
        performance.segment_name,
        performance.segment_value,
        'all' as feature_name,
        performance.reference,
        performance.window_days,
        performance.metric_value,
        performance.reference_value,
        performance.relative_change * case performance.direction when 'higher' then -1 else 1 end
            as divergence,
        abs(performance.metric_value - performance.reference_value)
        / nullif(performance.noise_bound / 1.959963984540054, 0) as evidence,
        true as is_consistent,
        performance.labeled_rows as evidence_rows,
        performance.status in ('insufficient_data', 'no_reference') as is_insufficient,
        performance.design_effect
    from {{ ref('performance') }} as performance
    inner join affected
        on
            performance.monitor = affected.monitor
            and performance.metric_date = affected.metric_date
    inner join judged_metrics
        on
            performance.monitor = judged_metrics.monitor
            and performance.metric_name = judged_metrics.metric_name
    inner join rules
        on
            judged_metrics.layer = rules.layer
            and rules.rule_id not in ('performance_trend', 'business_trend')
            and performance.reference = rules.reference
            and performance.window_days = rules.window_days
    where performance.model_version = 'serving' and performance.is_mature
),

weekly as (
    select
        performance.*,
        judged_metrics.horizon_days,
        judged_metrics.layer,
        {% for name, weeks in [('one_week', 1), ('two_weeks', 2), ('three_weeks', 3),
            ('four_weeks', 4)] %}
        {{ name }}_ago.metric_value as {{ name }}_before,
        {% endfor %}
        case performance.direction when 'higher' then -1 else 1 end as bad_direction,
        judged_metrics.change_kind
    from {{ ref('performance') }} as performance
    inner join affected
        on
            performance.monitor = affected.monitor
            and performance.metric_date = affected.metric_date
    inner join judged_metrics
        on
            performance.monitor = judged_metrics.monitor
            and performance.metric_name = judged_metrics.metric_name
    {% for name, weeks in [('one_week', 1), ('two_weeks', 2), ('three_weeks', 3),
        ('four_weeks', 4)] %}
    left join {{ ref('int_metric_window') }} as {{ name }}_ago
        on
            performance.monitor = {{ name }}_ago.monitor
            and performance.model_version = {{ name }}_ago.model_version
            and {{ name }}_ago.traffic = 'live'
            and performance.segment_name = {{ name }}_ago.segment_name
            and performance.segment_value = {{ name }}_ago.segment_value
            and performance.metric_name = {{ name }}_ago.metric_name
            and performance.window_days = {{ name }}_ago.window_days
            and {{ name }}_ago.metric_date
            = {{ add_days('performance.metric_date', -7 * weeks) }}
    {% endfor %}
    where
        performance.model_version = 'serving'
        and performance.is_mature
        and performance.reference = 'stable'
        and performance.window_days = 7
),

-- Least-squares slope over five weekly values, as a share of the first of them, or in points.
sloped as (
    select
        *,
        bad_direction * (
            2 * metric_value + one_week_before - three_weeks_before - 2 * four_weeks_before
        ) / 10 / unit_of_change as weekly_loss
    from (
        select
            *,
            case change_kind
                when 'relative' then nullif(abs(four_weeks_before), 0) else 1
            end as unit_of_change
        from weekly
    ) as measured
),

trend_measures as (
    select
        monitor,
        metric_date,
        {{ add_days('metric_date', 'horizon_days') }} as known_on,
        layer || '_trend' as rule_id,
        metric_name,
        segment_name,
        segment_value,
        'all' as feature_name,
        'stable' as reference,
        7 as window_days,
        metric_value,
        four_weeks_before as reference_value,
        weekly_loss as divergence,
        -- The slope's standard error is that of one weekly value over sqrt(10).
        weekly_loss * unit_of_change * sqrt(10)
        / nullif((upper_bound - lower_bound) / 2 / 1.959963984540054, 0) as evidence,
        -- Sustained: each of the last two weeks lies on the bad side of the first two.
        least(bad_direction * metric_value, bad_direction * one_week_before)
        > greatest(bad_direction * three_weeks_before, bad_direction * four_weeks_before)
            as is_consistent,
        labeled_rows as evidence_rows,
        weekly_loss is null or status = 'insufficient_data' as is_insufficient,
        design_effect
    from sloped
),

feature_measures as (
    select
        drift.monitor,
        drift.metric_date,
        drift.metric_date as known_on,
        rules.rule_id,
        'psi' as metric_name,
        drift.segment_name,
        drift.segment_value,
        drift.feature_name,
        drift.reference,
        drift.window_days,
        drift.psi as metric_value,
        drift.psi_null_p99 as reference_value,
        drift.psi as divergence,
        cast(null as {{ type_double() }}) as evidence,
        drift.psi > drift.psi_null_p99
        and drift.q_value <= drift.false_discovery_rate as is_consistent,
        drift.current_rows as evidence_rows,
        drift.status = 'insufficient_data' as is_insufficient,
        cast(1 as {{ type_double() }}) as design_effect
    from {{ ref('feature_drift') }} as drift
    inner join affected
        on drift.monitor = affected.monitor and drift.metric_date = affected.metric_date
    inner join rules
        on
            rules.rule_id = 'feature_psi'
            and drift.reference = rules.reference
            and drift.window_days = rules.window_days
),

prediction_measures as (
    select
        drift.monitor,
        drift.metric_date,
        drift.metric_date as known_on,
        rules.rule_id,
        'psi' as metric_name,
        drift.segment_name,
        drift.segment_value,
        'all' as feature_name,
        drift.reference,
        drift.window_days,
        drift.psi as metric_value,
        drift.psi_null_p99 as reference_value,
        drift.psi as divergence,
        cast(null as {{ type_double() }}) as evidence,
        drift.psi > drift.psi_null_p99 as is_consistent,
        drift.current_rows as evidence_rows,
        drift.status = 'insufficient_data' as is_insufficient,
        cast(1 as {{ type_double() }}) as design_effect
    from {{ ref('prediction_drift') }} as drift
    inner join affected
        on drift.monitor = affected.monitor and drift.metric_date = affected.metric_date
    inner join rules
        on
            rules.rule_id = 'prediction_psi'
            and drift.reference = rules.reference
            and drift.window_days = rules.window_days
    where drift.model_version = 'serving'
),

serving_days as (
    select monitor, metric_date, row_count, known_labels
    from {{ ref('int_performance_daily') }}
    where traffic = 'live' and model_version = 'serving' and segment_name = 'overall'
),

-- The thirty days before each affected day.
usual as (
    select
        windows.monitor,
        windows.metric_date,
        sum(serving_days.row_count) as usual_rows,
        sum(serving_days.known_labels) as usual_labels
    from {{ ref('int_window_days') }} as windows
    inner join serving_days
        on
            windows.monitor = serving_days.monitor
            and serving_days.metric_date = {{ add_days('windows.member_date', -1) }}
    where windows.window_days = 30
    group by windows.monitor, windows.metric_date
),

quality as (
    select
        days.monitor,
        days.metric_date,
        coalesce(today.row_count, 0) as row_count,
        coalesce(today.known_labels, 0) as known_labels,
        usual.usual_rows,
        usual.usual_labels,
        monitors.label_horizon_days,
        as_of.as_of,
        as_of.last_whole_day,
        as_of.is_closed,
        {{ days_between('days.metric_date', 'days.first_day') }} + 1 as day_number
    from {{ ref('int_log_days') }} as days
    inner join affected
        on days.monitor = affected.monitor and days.metric_date = affected.metric_date
    inner join {{ ref('stg_monitors') }} as monitors
        on days.monitor = monitors.monitor
    inner join {{ ref('int_as_of') }} as as_of
        on days.monitor = as_of.monitor
    left join serving_days as today
        on days.monitor = today.monitor and days.metric_date = today.metric_date
    left join usual
        on days.monitor = usual.monitor and days.metric_date = usual.metric_date
),

volume_measures as (
    select
        monitor,
        metric_date,
        metric_date as known_on,
        'row_volume' as rule_id,
        'row_count' as metric_name,
        'overall' as segment_name,
        'all' as segment_value,
        'all' as feature_name,
        'rolling' as reference,
        1 as window_days,
        cast(row_count as {{ type_double() }}) as metric_value,
        {{ ratio('usual_rows', 30) }} as reference_value,
        1 - row_count / nullif({{ ratio('usual_rows', 30) }}, 0) as divergence,
        cast(null as {{ type_double() }}) as evidence,
        true as is_consistent,
        row_count as evidence_rows,
        -- The newest day may still be filling; it is whole when the as-of day was named.
        day_number <= 30 or coalesce(usual_rows, 0) < 300 or (metric_date = as_of and not is_closed)
            as is_insufficient,
        cast(1 as {{ type_double() }}) as design_effect
    from quality
),

coverage_measures as (
    select
        monitor,
        metric_date,
        {{ add_days('metric_date', 'label_horizon_days') }} as known_on,
        'label_coverage' as rule_id,
        'label_coverage' as metric_name,
        'overall' as segment_name,
        'all' as segment_value,
        'all' as feature_name,
        'rolling' as reference,
        1 as window_days,
        {{ ratio('known_labels', 'row_count') }} as metric_value,
        {{ ratio('usual_labels', 'usual_rows') }} as reference_value,
        1 - {{ ratio('known_labels', 'row_count') }}
        / nullif({{ ratio('usual_labels', 'usual_rows') }}, 0) as divergence,
        cast(null as {{ type_double() }}) as evidence,
        true as is_consistent,
        row_count as evidence_rows,
        day_number <= 7 or coalesce(usual_labels, 0) = 0 as is_insufficient,
        cast(1 as {{ type_double() }}) as design_effect
    from quality
    where {{ add_days('metric_date', 'label_horizon_days') }} <= last_whole_day
),

final as (
    select * from performance_measures
    union all
    select * from trend_measures
    union all
    select * from feature_measures
    union all
    select * from prediction_measures
    union all
    select * from volume_measures
    union all
    select * from coverage_measures
)

select * from final
