select *
from {{ source('driftline_jobs', 'promotion_decisions') }}
where monitor in (select monitors.monitor from {{ ref('stg_monitors') }} as monitors)
