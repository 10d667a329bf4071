{#- What the drift job said last of each window and reference. -#}
with

said as (
    select
        classifications.*,
        dense_rank() over (
            partition by
                classifications.monitor, classifications.metric_date,
                classifications.window_days, classifications.reference
            order by classifications.as_of desc
        ) as recency
    from {{ source('driftline_jobs', 'domain_classifications') }} as classifications
    inner join {{ ref('int_as_of') }} as as_of
        on classifications.monitor = as_of.monitor and classifications.as_of <= as_of.as_of
    inner join {{ ref('stg_monitors') }} as monitors
        on classifications.monitor = monitors.monitor
)

select
    monitor,
    metric_date,
    window_days,
    reference,
    model_version,
    status,
    note,
    reference_from,
    reference_to,
    current_rows,
    reference_rows,
    domain_auc,
    null_mean,
    null_stddev,
    null_blocks,
    null_block_rows,
    null_p95,
    null_p99,
    p_value,
    top_feature,
    top_features,
    seed,
    data_hash,
    as_of
from said
where recency = 1
