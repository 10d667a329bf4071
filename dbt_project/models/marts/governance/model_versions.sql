select *
from {{ source('driftline_jobs', 'model_versions') }}
where monitor in (select monitors.monitor from {{ ref('stg_monitors') }} as monitors)
