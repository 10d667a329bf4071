{#- Every day that has rows with the fingerprint of its facts, which depend on the frozen bins
    too. -#}
with

bins_in_use as (
    select monitor, count(distinct feature_name || ':' || feature_kind) as features
    from (
        select monitor, feature_name, feature_kind
        from {{ ref('int_feature_cells') }}
        union all
        select monitor, 'prediction', 'grid'
        from {{ ref('int_score_grid') }}
    ) as frozen
    group by monitor
)

select
    days.monitor,
    days.metric_date,
    days.log_rows,
    days.history_rows,
    days.rows_fingerprint,
    days.log_fingerprint,
    case
        when days.is_sealed then built.facts_fingerprint
        else {{ md5_text(text_of([
            core_part('days.log_fingerprint'), 'bins_in_use.features',
        ])) }}
    end as facts_fingerprint,
    days.is_sealed
from {{ ref('int_day_logs') }} as days
left join bins_in_use
    on days.monitor = bins_in_use.monitor
left join {{ source('driftline_state', 'int_built_days') }} as built
    on days.monitor = built.monitor and days.metric_date = built.metric_date
