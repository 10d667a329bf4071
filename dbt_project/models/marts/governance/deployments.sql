select *
from {{ source('driftline_jobs', 'deployments') }}
where monitor in (select monitors.monitor from {{ ref('stg_monitors') }} as monitors)
