select
    monitors.monitor,
    catalogue.metric_name,
    catalogue.title,
    catalogue.direction,
    catalogue.unit,
    catalogue.change_kind,
    catalogue.description,
    catalogue.metric_name = monitors.primary_metric as is_primary
from {{ ref('stg_monitors') }} as monitors
inner join {{ ref('metric_catalogue') }} as catalogue
    on monitors.task = catalogue.task
