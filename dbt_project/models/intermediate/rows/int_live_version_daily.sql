{#- The version that answered on a day: the newest deployment up to it, else the one with most rows.
    -#}
with

counted as (
    select monitor, metric_date, model_version, answered_rows
    from {{ ref('int_performance_daily') }}
    where
        traffic = 'live'
        and model_version <> 'serving'
        and segment_name = 'overall'
        and answered_rows > 0
),

commonest as (
    select
        monitor,
        metric_date,
        model_version,
        row_number() over (
            partition by monitor, metric_date
            order by answered_rows desc, {{ byte_order('model_version') }}
        ) as frequency_rank
    from counted
),

deployed as (
    select
        days.monitor,
        days.metric_date,
        deployments.model_version,
        row_number() over (
            partition by days.monitor, days.metric_date
            order by deployments.deployment_id desc
        ) as recency
    from {{ ref('int_log_days') }} as days
    inner join {{ source('driftline_jobs', 'deployments') }} as deployments
        on
            days.monitor = deployments.monitor
            and days.metric_date >= deployments.effective_on
            and deployments.action <> 'shadow'
),

resolved as (
    select
        days.monitor,
        days.metric_date,
        coalesce(deployed.model_version, commonest.model_version) as live_version,
        coalesce(registered.model_version, 'unregistered') as training_version
    from {{ ref('int_log_days') }} as days
    left join deployed
        on
            days.monitor = deployed.monitor
            and days.metric_date = deployed.metric_date
            and deployed.recency = 1
    left join commonest
        on
            days.monitor = commonest.monitor
            and days.metric_date = commonest.metric_date
            and commonest.frequency_rank = 1
    left join {{ ref('int_known_versions') }} as registered
        on
            days.monitor = registered.monitor
            and coalesce(deployed.model_version, commonest.model_version) = registered.model_version
),

turned as (
    select
        *,
        lag(live_version) over (
            partition by monitor order by metric_date
        ) as version_before
    from resolved
)

select
    monitor,
    metric_date,
    live_version,
    training_version,
    max(
        case when live_version is distinct from version_before then metric_date end
    ) over (
        partition by monitor order by metric_date
    ) as live_since
from turned
