select
    run_id,
    gate_name,
    monitor,
    model_version,
    champion_version,
    status,
    observed,
    required,
    reason,
    decided_on
from {{ source('driftline_jobs', 'promotion_decisions') }}
where monitor in (select monitors.monitor from {{ ref('stg_monitors') }} as monitors)
