{{ config(materialized='view') }}
{#- Every scored row once per version it counts for: `live` rows of the log for their version and,
    if they answered, for serving; `holdout` rows for the candidate that had not seen them. -#}
with

log_rows as (
    select *
    from {{ ref('int_inferences') }}
    where origin = 'log'
),

row_facts as (
    select
        *,
        row_number() over (
            partition by monitor, inference_id order by is_shadow, origin, model_version
        ) as copy
    from {{ ref('int_inferences') }}
),

held_out as (
    select
        scores.monitor,
        scores.model_version,
        'holdout' as traffic,
        row_facts.inference_id,
        row_facts.metric_date,
        row_facts.segment_values,
        scores.score,
        row_facts.label
    from {{ source('driftline_jobs', 'holdout_scores') }} as scores
    inner join {{ ref('int_known_versions') }} as versions
        on
            scores.monitor = versions.monitor
            and scores.model_version = versions.model_version
    inner join row_facts
        on
            scores.monitor = row_facts.monitor
            and scores.inference_id = row_facts.inference_id
            and row_facts.copy = 1
),

final as (
    select
        monitor, model_version, 'live' as traffic, inference_id, metric_date, segment_values,
        score, label
    from log_rows
    union all
    select
        monitor, 'serving', 'live', inference_id, metric_date, segment_values, score, label
    from log_rows
    where not is_shadow
    union all
    select * from held_out
)

select * from final
