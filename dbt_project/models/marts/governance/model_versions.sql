select
    monitor,
    model_version,
    run_id,
    algorithm,
    parameters,
    features,
    train_from,
    train_to,
    holdout_from,
    holdout_to,
    train_rows,
    tree_count,
    calibration,
    artifact_path,
    artifact_sha256,
    code_version,
    environment,
    created_on,
    recorded_at
from {{ source('driftline_jobs', 'model_versions') }}
where monitor in (select monitors.monitor from {{ ref('stg_monitors') }} as monitors)
