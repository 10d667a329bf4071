select
    monitor,
    role,
    model_version
from {{ source('driftline_jobs', 'routing') }}
where monitor in (select monitors.monitor from {{ ref('stg_monitors') }} as monitors)
