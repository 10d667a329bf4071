{#- What the drift job said last of each window and reference. -#}
with

{{ newest_said('feature_contributions', [
    'monitor', 'metric_date', 'window_days', 'reference',
], ref('int_as_of')) }}

select
    monitor,
    model_version,
    metric_date,
    window_days,
    reference,
    feature_name,
    status,
    note,
    reference_from,
    reference_to,
    current_rows,
    reference_rows,
    mean_contribution,
    reference_mean_contribution,
    contribution_share,
    reference_share,
    share_change,
    row_standard_error,
    standard_error,
    lower_bound,
    upper_bound,
    p_value,
    q_value,
    contribution_rank,
    reference_rank,
    score_effect,
    ndcg,
    rank_correlation,
    data_hash,
    as_of
from said
