{#- Rows per cell in the references that stand still: each version's training window and the first
    28 days of the log. The two running counts let a tested window be taken out again. -#}
with

stable_windows as (
    select distinct
        monitor,
        'stable' as reference,
        'any' as model_version,
        first_day as reference_from,
        cast(first_day + 27 as date) as reference_to
    from {{ ref('int_log_days') }}
    where last_day >= first_day + 27
),

windows as (
    select monitor, 'training' as reference, model_version, reference_from, reference_to
    from {{ ref('int_training_windows') }}
    union all
    select * from stable_windows
)

select
    windows.monitor,
    windows.reference,
    windows.model_version,
    windows.reference_to,
    counts.segment_name,
    counts.segment_value,
    counts.feature_name,
    counts.cell_id,
    cast(coalesce(sum(counts.row_count) filter (
        where
            counts.metric_date between windows.reference_from and windows.reference_to
            and (windows.reference = 'training' or counts.origin = 'log')
    ), 0) as bigint) as reference_rows,
    cast(coalesce(sum(counts.row_count) filter (
        where counts.origin = 'log' and counts.metric_date < windows.reference_from
    ), 0) as bigint) as log_rows_before,
    cast(coalesce(sum(counts.row_count) filter (
        where counts.origin = 'log' and counts.metric_date <= windows.reference_to
    ), 0) as bigint) as log_rows_through
from windows
inner join {{ ref('int_feature_histogram_daily') }} as counts
    on windows.monitor = counts.monitor
group by
    windows.monitor, windows.reference, windows.model_version, windows.reference_to,
    counts.segment_name, counts.segment_value, counts.feature_name, counts.cell_id
