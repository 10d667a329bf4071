{{ config(materialized='incremental', incremental_strategy='changed_days',
    meta={'days': 'int_affected_days'}) }}
{#- What the signals of a day say of each alert key, with what opens and closes its alert. A day's
    signals of a key become known on one day, so this is kept by day; only the state of alerts, which
    runs through all days, is not. -#}
with

keyed as (
    select
        signals.monitor,
        signals.metric_date,
        signals.layer,
        signals.metric_name,
        signals.feature_name,
        signals.segment_name,
        signals.segment_value,
        signals.known_on,
        max(case signals.severity when 'red' then 2 when 'yellow' then 1 else 0 end)
            as severity_level,
        max(case when signals.is_above_closing then 1 else 0 end) as above_closing,
        max(case when signals.severity <> 'insufficient_data' then 1 else 0 end) as is_judged,
        min(thresholds.open_days) filter (where signals.severity in ('yellow', 'red'))
            as open_days,
        max(thresholds.open_window_days) as open_window_days,
        max(thresholds.close_days) as close_days
    from {{ ref('signals') }} as signals
    inner join {{ ref('int_affected_days') }} as days
        on signals.monitor = days.monitor and signals.metric_date = days.metric_date
    inner join {{ ref('int_thresholds_daily') }} as thresholds
        on
            signals.monitor = thresholds.monitor
            and signals.metric_date = thresholds.metric_date
            and signals.rule_id = thresholds.rule_id
            and signals.metric_name = thresholds.metric_name
            and signals.segment_name = thresholds.segment_name
            and signals.segment_value = thresholds.segment_value
            and signals.feature_name = thresholds.feature_name
    group by
        signals.monitor, signals.metric_date, signals.layer, signals.metric_name,
        signals.feature_name, signals.segment_name, signals.segment_value, signals.known_on
),

-- A drift that all rows show is one problem: a segment opens an alert of its own only where it is
-- worse than the whole.
worse_than_overall as (
    select
        keyed.*,
        case
            when
                keyed.layer in ('feature_drift', 'prediction_drift')
                and keyed.segment_name <> 'overall'
                and overall.severity_level >= keyed.severity_level
                then 0
            else keyed.severity_level
        end as own_level
    from keyed
    left join keyed as overall
        on
            keyed.monitor = overall.monitor
            and keyed.layer = overall.layer
            and keyed.metric_name = overall.metric_name
            and keyed.feature_name = overall.feature_name
            and keyed.metric_date = overall.metric_date
            and keyed.known_on = overall.known_on
            and overall.segment_name = 'overall'
)

select * from worse_than_overall
