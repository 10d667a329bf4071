select
    monitor,
    model_version,
    feature_name,
    gain,
    gain_share
from {{ source('driftline_jobs', 'feature_importance') }}
where monitor in (select monitors.monitor from {{ ref('stg_monitors') }} as monitors)
