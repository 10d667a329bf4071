with

days as (
    select monitor, metric_date from {{ ref('int_log_days') }}
),

open_alerts as (
    select
        days.monitor,
        days.metric_date,
        count(*) as open_alerts,
        max(state.severity_level) as severity_level
    from days
    inner join {{ ref('alerts') }} as alerts
        on
            days.monitor = alerts.monitor
            and days.metric_date >= alerts.opened_on
            and (alerts.resolved_on is null or days.metric_date < alerts.resolved_on)
    left join {{ ref('int_alert_days') }} as state
        on
            alerts.monitor = state.monitor
            and alerts.layer = state.layer
            and alerts.metric_name = state.metric_name
            and alerts.feature_name = state.feature_name
            and alerts.segment_name = state.segment_name
            and alerts.segment_value = state.segment_value
            and days.metric_date = state.known_on
    group by days.monitor, days.metric_date
),

primary_metric as (
    select
        performance.monitor,
        {{ add_days('performance.metric_date', 'definitions.horizon_days') }} as known_on,
        performance.metric_value,
        performance.lower_bound,
        performance.upper_bound,
        performance.reference_value
    from {{ ref('performance') }} as performance
    inner join {{ ref('metric_definitions') }} as definitions
        on
            performance.monitor = definitions.monitor
            and performance.metric_name = definitions.metric_name
            and definitions.is_primary
    where
        performance.model_version = 'serving'
        and performance.segment_name = 'overall'
        and performance.window_days = 30
        and performance.reference = 'training'
        and performance.is_mature
)

select
    days.monitor,
    days.metric_date,
    case
        when open_alerts.open_alerts is null then 'green'
        when open_alerts.severity_level = 2 then 'red'
        else 'yellow'
    end as severity,
    live.live_version,
    monitors.primary_metric,
    primary_metric.metric_value as primary_value,
    primary_metric.lower_bound as primary_lower_bound,
    primary_metric.upper_bound as primary_upper_bound,
    primary_metric.reference_value as primary_value_when_deployed,
    cast(coalesce(open_alerts.open_alerts, 0) as integer) as open_alerts,
    decisions.last_retrained_on,
    case
        when bins.monitor is null then 'collecting reference: bins are frozen after 28 days'
        when decisions.decision = 'retrain' then 'retrain: ' || decisions.reason
        when open_alerts.severity_level = 2 then 'look at the red alerts; ' || decisions.reason
        when open_alerts.open_alerts > 0 then 'watch the open alerts; ' || decisions.reason
        else 'nothing to do'
    end as next_step,
    days.metric_date > as_of.last_whole_day as is_partial
from days
inner join {{ ref('int_as_of') }} as as_of
    on days.monitor = as_of.monitor
inner join {{ ref('stg_monitors') }} as monitors
    on days.monitor = monitors.monitor
left join {{ ref('int_live_version_daily') }} as live
    on days.monitor = live.monitor and days.metric_date = live.metric_date
left join open_alerts
    on days.monitor = open_alerts.monitor and days.metric_date = open_alerts.metric_date
left join primary_metric
    on
        days.monitor = primary_metric.monitor
        -- Of a day that may still fill no window is known yet.
        and least(days.metric_date, as_of.last_whole_day) = primary_metric.known_on
left join {{ ref('retraining_decisions') }} as decisions
    on days.monitor = decisions.monitor and days.metric_date = decisions.decision_date
left join (select distinct monitor from {{ ref('int_feature_cells') }}) as bins
    on days.monitor = bins.monitor
