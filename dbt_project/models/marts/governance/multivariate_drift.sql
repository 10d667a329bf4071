{#- What the drift job said last of each window and reference. -#}
with

{{ newest_said('domain_classifications', [
    'monitor', 'metric_date', 'window_days', 'reference',
], ref('int_as_of')) }}

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
