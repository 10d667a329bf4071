{#- What the drift job said last of each window and reference. -#}
with

said as (
    select
        contributions.*,
        dense_rank() over (
            partition by
                contributions.monitor, contributions.metric_date,
                contributions.window_days, contributions.reference
            order by contributions.as_of desc
        ) as recency
    from {{ source('driftline_jobs', 'feature_contributions') }} as contributions
    inner join {{ ref('int_as_of') }} as as_of
        on contributions.monitor = as_of.monitor and contributions.as_of <= as_of.as_of
    inner join {{ ref('stg_monitors') }} as monitors
        on contributions.monitor = monitors.monitor
)

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
where recency = 1
