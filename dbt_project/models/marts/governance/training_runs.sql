select *
from {{ source('driftline_jobs', 'training_runs') }}
where monitor in (select monitors.monitor from {{ ref('stg_monitors') }} as monitors)
