select
    deployment_id,
    monitor,
    model_version,
    previous_version,
    action,
    effective_on,
    decided_by,
    reason,
    recorded_at
from {{ source('driftline_jobs', 'deployments') }}
where monitor in (select monitors.monitor from {{ ref('stg_monitors') }} as monitors)
