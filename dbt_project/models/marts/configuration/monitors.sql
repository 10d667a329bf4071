select
    monitors.monitor,
    monitors.description,
    monitors.owner,
    monitors.task,
    monitors.primary_metric,
    monitors.decision_threshold,
    monitors.time_zone,
    monitors.label_horizon_days,
    monitors.unlabeled_means,
    monitors.can_retrain,
    monitors.bins_version,
    as_of.as_of,
    as_of.last_whole_day,
    count(features.feature_name) as feature_count
from {{ ref('stg_monitors') }} as monitors
left join {{ ref('int_as_of') }} as as_of
    on monitors.monitor = as_of.monitor
left join {{ ref('stg_features') }} as features
    on monitors.monitor = features.monitor
group by
    monitors.monitor, monitors.description, monitors.owner, monitors.task,
    monitors.primary_metric, monitors.decision_threshold, monitors.time_zone,
    monitors.label_horizon_days, monitors.unlabeled_means, monitors.can_retrain,
    monitors.bins_version, as_of.as_of, as_of.last_whole_day
