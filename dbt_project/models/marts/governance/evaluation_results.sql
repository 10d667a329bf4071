select *
from {{ source('driftline_jobs', 'evaluation_results') }}
where monitor in (select monitors.monitor from {{ ref('stg_monitors') }} as monitors)
