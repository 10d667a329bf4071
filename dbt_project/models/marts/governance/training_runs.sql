select
    run_id,
    monitor,
    as_of,
    model_version,
    strategy,
    reason,
    train_from,
    train_to,
    holdout_from,
    holdout_to,
    train_rows,
    holdout_rows,
    effective_sample_size,
    best_iteration,
    data_hash,
    seed,
    parameters,
    seconds,
    recorded_at
from {{ source('driftline_jobs', 'training_runs') }}
where monitor in (select monitors.monitor from {{ ref('stg_monitors') }} as monitors)
