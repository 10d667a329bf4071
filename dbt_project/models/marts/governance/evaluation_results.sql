select
    run_id,
    monitor,
    challenger_version,
    champion_version,
    segment_name,
    segment_value,
    metric_name,
    row_count,
    day_count,
    challenger_value,
    champion_value,
    difference,
    lower_bound,
    upper_bound
from {{ source('driftline_jobs', 'evaluation_results') }}
where monitor in (select monitors.monitor from {{ ref('stg_monitors') }} as monitors)
