select
    monitors.monitor,
    catalogue.metric_name,
    catalogue.title,
    catalogue.direction,
    catalogue.unit,
    catalogue.change_kind,
    catalogue.description,
    catalogue.metric_name = monitors.primary_metric as is_primary,
    monitors.owner,
    monitors.label_horizon_days as horizon_days,
    false as is_business
from {{ ref('stg_monitors') }} as monitors
inner join {{ ref('metric_catalogue') }} as catalogue
    on monitors.task = catalogue.task
union all
select
    monitors.monitor,
    metrics.metric_name,
    upper(substring(metrics.metric_name, 1, 1))
    || replace(substring(metrics.metric_name, 2), '_', ' '),
    metrics.direction,
    metrics.unit,
    'relative',
    metrics.description,
    metrics.metric_name = monitors.primary_metric,
    monitors.owner,
    metrics.horizon_days,
    true
from {{ ref('stg_monitors') }} as monitors
inner join {{ ref('stg_business_metrics') }} as metrics
    on monitors.monitor = metrics.monitor
