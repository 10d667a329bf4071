{#- The answer of every day, also when it is no. It looks at alerts known on the day and at retrains
    made before it, so carrying it out does not change it. -#}
with

decision_days as (
    select monitor, metric_date as decision_date from {{ ref('int_log_days') }}
    union
    select monitor, as_of from {{ ref('int_as_of') }}
),

last_runs as (
    select
        days.monitor,
        days.decision_date,
        max(runs.as_of) as last_retrained_on
    from decision_days as days
    left join {{ source('driftline_jobs', 'training_runs') }} as runs
        on days.monitor = runs.monitor and runs.as_of < days.decision_date
    group by days.monitor, days.decision_date
),

open_alerts as (
    select
        days.monitor,
        days.decision_date,
        alerts.alert_id,
        alerts.layer,
        alerts.metric_name,
        alerts.feature_name,
        alerts.segment_name,
        alerts.segment_value,
        alerts.opened_on,
        state.severity_level,
        monitors.primary_metric
    from decision_days as days
    inner join {{ ref('alerts') }} as alerts
        on
            days.monitor = alerts.monitor
            and days.decision_date >= alerts.opened_on
            and (alerts.resolved_on is null or days.decision_date < alerts.resolved_on)
    inner join {{ ref('stg_monitors') }} as monitors
        on days.monitor = monitors.monitor
    left join {{ ref('int_alert_days') }} as state
        on
            alerts.monitor = state.monitor
            and alerts.layer = state.layer
            and alerts.metric_name = state.metric_name
            and alerts.feature_name = state.feature_name
            and alerts.segment_name = state.segment_name
            and alerts.segment_value = state.segment_value
            and days.decision_date = state.known_on
),

live_importance as (
    select live.monitor, live.metric_date, importance.feature_name, importance.gain_share
    from {{ ref('int_live_version_daily') }} as live
    inner join {{ source('driftline_jobs', 'feature_importance') }} as importance
        on live.monitor = importance.monitor and live.live_version = importance.model_version
),

evidence as (
    select
        days.monitor,
        days.decision_date,
        max(case when alerts.layer = 'performance' and alerts.segment_name = 'overall'
            then alerts.severity_level end) as performance_level,
        min(case when alerts.layer = 'performance' and alerts.segment_name = 'overall'
            then alerts.opened_on end) as performance_since,
        count(distinct case when alerts.layer = 'performance' and alerts.segment_name <> 'overall'
            and alerts.severity_level = 2 then alerts.alert_id end) as red_segments,
        max(case when alerts.layer = 'prediction_drift' and alerts.segment_name = 'overall'
            then alerts.severity_level end) as prediction_level,
        coalesce(sum(case when alerts.layer = 'feature_drift' and alerts.segment_name = 'overall'
            and alerts.severity_level = 2 then importance.gain_share end), 0)
            as drifted_importance,
        count(case when alerts.layer = 'feature_drift' and alerts.segment_name = 'overall'
            and alerts.severity_level = 2 then 1 end) as drifted_features,
        max(case when alerts.layer = 'data_quality' then alerts.severity_level end)
            as quality_level
    from decision_days as days
    left join open_alerts as alerts
        on days.monitor = alerts.monitor and days.decision_date = alerts.decision_date
    left join live_importance as importance
        on
            alerts.monitor = importance.monitor
            and alerts.decision_date = importance.metric_date
            and alerts.feature_name = importance.feature_name
    group by days.monitor, days.decision_date
),

-- A version that its gates refused has never served: only a deployment ends the wait for the first.
first_deployments as (
    select monitor, min(effective_on) as first_effective_on
    from {{ source('driftline_jobs', 'deployments') }}
    where action <> 'shadow'
    group by monitor
),

weighed as (
    select
        evidence.*,
        monitors.can_retrain,
        last_runs.last_retrained_on,
        first_deployments.first_effective_on is null
        or first_deployments.first_effective_on > evidence.decision_date as has_no_version,
        policies.min_interval_days,
        policies.schedule_days,
        policies.pending_days,
        {{ add_days('last_runs.last_retrained_on', 'policies.min_interval_days') }}
            as throttled_until,
        coalesce(evidence.performance_level, 0) = 2 as performance_is_red,
        coalesce(
            evidence.performance_since
            <= {{ add_days('evidence.decision_date', '-policies.yellow_days') }}, false
        ) as performance_is_old,
        evidence.drifted_importance >= policies.drift_importance_share
        and coalesce(evidence.prediction_level, 0) >= 1 as drift_matters,
        policies.schedule_days > 0
        and evidence.decision_date
        >= {{ add_days('last_runs.last_retrained_on', 'policies.schedule_days') }} as is_due
    from evidence
    inner join {{ ref('stg_monitors') }} as monitors
        on evidence.monitor = monitors.monitor
    inner join last_runs
        on
            evidence.monitor = last_runs.monitor
            and evidence.decision_date = last_runs.decision_date
    left join first_deployments
        on evidence.monitor = first_deployments.monitor
    inner join {{ ref('int_retraining_policies') }} as policies
        on
            evidence.monitor = policies.monitor
            and evidence.decision_date = policies.metric_date
),

triggered as (
    select
        *,
        case
            when has_no_version then 'no version yet'
            when performance_is_red then 'primary: performance is red'
            when performance_is_old then 'primary: performance yellow for long'
            when drift_matters then 'secondary: drift in features that matter moved the predictions'
            when is_due then 'schedule'
            else 'none'
        end as triggers,
        coalesce(quality_level, 0) = 2 as is_vetoed,
        coalesce(throttled_until > decision_date, false) as is_throttled
    from weighed
),

-- A retrain that was asked for stays asked for until a run acts on it, for pending_days at most: a
-- scheduler that slept must not lose it.
requested as (
    select
        monitor,
        decision_date as requested_on,
        triggers as requested_for
    from triggered
    where can_retrain and triggers <> 'none' and not is_vetoed and not is_throttled
),

pending as (
    select
        triggered.monitor,
        triggered.decision_date,
        requested.requested_on,
        requested.requested_for,
        row_number() over (
            partition by triggered.monitor, triggered.decision_date
            order by requested.requested_on desc
        ) as recency
    from triggered
    inner join requested
        on
            triggered.monitor = requested.monitor
            and requested.requested_on < triggered.decision_date
            and requested.requested_on
            >= {{ add_days('triggered.decision_date', '-triggered.pending_days') }}
            and (
                triggered.last_retrained_on is null
                or requested.requested_on > triggered.last_retrained_on
            )
),

decided as (
    select
        triggered.*,
        pending.requested_on,
        pending.requested_for,
        triggered.can_retrain
        and not triggered.is_vetoed
        and not triggered.is_throttled
        and (triggered.triggers <> 'none' or pending.requested_on is not null) as is_retrain
    from triggered
    left join pending
        on
            triggered.monitor = pending.monitor
            and triggered.decision_date = pending.decision_date
            and pending.recency = 1
)

select
    monitor,
    decision_date,
    case when is_retrain then 'retrain' else 'wait' end as decision,
    case when is_retrain then 'full' else 'none' end as strategy,
    case when triggers = 'none' then coalesce(requested_for, 'none') else triggers end as triggers,
    case
        when not can_retrain then 'watch only'
        when triggers <> 'none' and is_vetoed
            then triggers || '; vetoed: data quality is red, do not train on a broken pipeline'
        when triggers <> 'none' and is_throttled
            then triggers || '; throttled until '
                || cast(throttled_until as {{ dbt.type_string() }})
        when triggers <> 'none' then triggers
        when is_retrain
            then requested_for || ' (asked for on '
                || cast(requested_on as {{ dbt.type_string() }}) || ')'
        when requested_on is not null and is_vetoed
            then requested_for || ' (asked for on ' || cast(requested_on as {{ dbt.type_string() }})
                || '); vetoed: data quality is red'
        when drifted_features > 0
            then cast(drifted_features as {{ dbt.type_string() }})
                || case when drifted_features = 1 then ' feature' else ' features' end
                || ' in red drift with '
                || {{ percent_text('drifted_importance') }}
                || ' of the gain, but performance holds: wait'
        else 'no trigger'
    end as reason,
    throttled_until,
    last_retrained_on,
    drifted_importance,
    cast(drifted_features as integer) as drifted_features,
    cast(red_segments as integer) as red_segments
from decided
