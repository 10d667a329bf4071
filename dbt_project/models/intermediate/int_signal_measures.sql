{#- What each rule looks at, one row per rule, target and day, as a divergence that is bad when it
    is large. `evidence` is its size in standard errors where one is known, and `is_consistent` is
    false where chance explains it otherwise. -#}
with

rules as (
    select * from {{ ref('default_signal_rules') }}
),

performance_measures as (
    select
        performance.monitor,
        performance.metric_date,
        performance.metric_date + monitors.label_horizon_days as known_on,
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
    inner join {{ ref('stg_monitors') }} as monitors
        on
            performance.monitor = monitors.monitor
            and performance.metric_name = monitors.primary_metric
    inner join rules
        on
            rules.layer = 'performance'
            and rules.rule_id <> 'performance_trend'
            and performance.reference = rules.reference
            and performance.window_days = rules.window_days
    where performance.model_version = 'serving' and performance.is_mature
),

weekly as (
    select
        performance.*,
        monitors.label_horizon_days,
        lag(performance.metric_value, 7) over series as one_week_before,
        lag(performance.metric_value, 14) over series as two_weeks_before,
        lag(performance.metric_value, 21) over series as three_weeks_before,
        lag(performance.metric_value, 28) over series as four_weeks_before,
        case performance.direction when 'higher' then -1 else 1 end as bad_direction
    from {{ ref('performance') }} as performance
    inner join {{ ref('stg_monitors') }} as monitors
        on
            performance.monitor = monitors.monitor
            and performance.metric_name = monitors.primary_metric
    where
        performance.model_version = 'serving'
        and performance.is_mature
        and performance.reference = 'stable'
        and performance.window_days = 7
    window
        series as (
            partition by performance.monitor, performance.segment_name, performance.segment_value
            order by performance.metric_date
        )
),

-- Least-squares slope over five weekly values, as a share of the first of them.
sloped as (
    select
        *,
        bad_direction * (
            2 * metric_value + one_week_before - three_weeks_before - 2 * four_weeks_before
        ) / 10 / nullif(abs(four_weeks_before), 0) as weekly_loss
    from weekly
),

trend_measures as (
    select
        monitor,
        metric_date,
        metric_date + label_horizon_days as known_on,
        'performance_trend' as rule_id,
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
        weekly_loss * abs(four_weeks_before) * sqrt(10)
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
        null as evidence,
        drift.psi > drift.psi_null_p99 as is_consistent,
        drift.current_rows as evidence_rows,
        drift.status = 'insufficient_data' as is_insufficient,
        1.0 as design_effect
    from {{ ref('feature_drift') }} as drift
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
        null as evidence,
        drift.psi > drift.psi_null_p99 as is_consistent,
        drift.current_rows as evidence_rows,
        drift.status = 'insufficient_data' as is_insufficient,
        1.0 as design_effect
    from {{ ref('prediction_drift') }} as drift
    inner join rules
        on
            rules.rule_id = 'prediction_psi'
            and drift.reference = rules.reference
            and drift.window_days = rules.window_days
    where drift.model_version = 'serving'
),

serving_days as (
    select
        windowed.monitor,
        windowed.metric_date,
        windowed.window_days,
        windowed.row_count,
        windowed.known_labels,
        monitors.label_horizon_days,
        as_of.as_of,
        as_of.is_closed,
        lag(windowed.row_count) over series as rows_before,
        lag(windowed.known_labels) over series as labels_before,
        row_number() over series as day_number
    from {{ ref('int_performance_window') }} as windowed
    inner join {{ ref('stg_monitors') }} as monitors
        on windowed.monitor = monitors.monitor
    inner join {{ ref('int_as_of') }} as as_of
        on windowed.monitor = as_of.monitor
    where
        windowed.traffic = 'live'
        and windowed.model_version = 'serving'
        and windowed.segment_name = 'overall'
        and windowed.window_days in (1, 30)
    window
        series as (
            partition by windowed.monitor, windowed.window_days order by windowed.metric_date
        )
),

quality as (
    select
        today.*,
        month_before.rows_before as usual_rows,
        month_before.labels_before as usual_labels
    from serving_days as today
    inner join serving_days as month_before
        on
            today.monitor = month_before.monitor
            and today.metric_date = month_before.metric_date
            and month_before.window_days = 30
    where today.window_days = 1
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
        usual_rows / 30.0 as reference_value,
        1 - row_count / nullif(usual_rows / 30.0, 0) as divergence,
        null as evidence,
        true as is_consistent,
        row_count as evidence_rows,
        -- The newest day may still be filling; it is whole when the as-of day was named.
        day_number <= 30 or usual_rows < 300 or (metric_date = as_of and not is_closed)
            as is_insufficient,
        1.0 as design_effect
    from quality
),

coverage_measures as (
    select
        monitor,
        metric_date,
        metric_date + label_horizon_days as known_on,
        'label_coverage' as rule_id,
        'label_coverage' as metric_name,
        'overall' as segment_name,
        'all' as segment_value,
        'all' as feature_name,
        'rolling' as reference,
        1 as window_days,
        known_labels * 1.0 / nullif(row_count, 0) as metric_value,
        usual_labels * 1.0 / nullif(usual_rows, 0) as reference_value,
        1 - (known_labels * 1.0 / nullif(row_count, 0))
        / nullif(usual_labels * 1.0 / nullif(usual_rows, 0), 0) as divergence,
        null as evidence,
        true as is_consistent,
        row_count as evidence_rows,
        day_number <= 7 or coalesce(usual_labels, 0) = 0 as is_insufficient,
        1.0 as design_effect
    from quality
    where metric_date + label_horizon_days <= as_of
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
