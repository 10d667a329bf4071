-- Which features drifted in each month, for how long, and how much does the live model rely on them?
-- Only the 7-day windows against the training reference count, the ones that raise signals.
select
    drift.monitor,
    cast(date_trunc('month', drift.metric_date) as date) as month,
    drift.feature_name,
    count(*) filter (where drift.status = 'red') as red_days,
    count(*) filter (where drift.status = 'yellow') as yellow_days,
    round(max(drift.psi), 3) as largest_psi,
    round(max(drift.psi_null_p99), 3) as psi_if_unchanged,
    round(max(importance.gain_share), 3) as gain_share
from driftline.feature_drift as drift
left join driftline.model_health as health
    on drift.monitor = health.monitor and drift.metric_date = health.metric_date
left join driftline.feature_importance as importance
    on
        drift.monitor = importance.monitor
        and health.live_version = importance.model_version
        and drift.feature_name = importance.feature_name
where
    drift.segment_name = 'overall'
    and drift.reference = 'training'
    and drift.window_days = 7
group by drift.monitor, date_trunc('month', drift.metric_date), drift.feature_name
having count(*) filter (where drift.status in ('yellow', 'red')) > 0
order by drift.monitor, month, gain_share desc nulls last, drift.feature_name
