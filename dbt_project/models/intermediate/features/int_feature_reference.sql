{#- Rows per cell in the references that stand still: the training window of each version that
    an affected day is compared with, and the first 28 days of the log. The two running counts
    begin where those of int_feature_window do and let a tested window be taken out again. -#}
with

windows as (
    select distinct
        versions.monitor,
        'training' as reference,
        versions.model_version,
        versions.reference_from,
        versions.reference_to
    from {{ ref('int_training_windows') }} as versions
    inner join {{ ref('int_live_version_daily') }} as live
        on
            versions.monitor = live.monitor
            and versions.model_version = live.training_version
    inner join {{ ref('int_affected_days') }} as affected
        on live.monitor = affected.monitor and live.metric_date = affected.metric_date
    union all
    select distinct
        days.monitor,
        'stable',
        'any',
        days.first_day,
        {{ add_days('days.first_day', 27) }}
    from {{ ref('int_log_days') }} as days
    inner join {{ ref('int_affected_spans') }} as spans
        on days.monitor = spans.monitor
    where days.last_day >= {{ add_days('days.first_day', 27) }}
),

counts as (
    select
        facts.*,
        facts.metric_date >= {{ add_days('spans.first_day', -60) }} as is_in_reach
    from {{ ref('int_feature_histogram_daily') }} as facts
    inner join {{ ref('int_affected_spans') }} as spans
        on facts.monitor = spans.monitor
    inner join {{ ref('stg_monitors') }} as monitors
        on facts.monitor = monitors.monitor and facts.bins_version = monitors.bins_version
)

select
    windows.monitor,
    windows.reference,
    windows.model_version,
    windows.reference_to,
    series.series_id,
    counts.cell_id,
    cast(coalesce(sum(counts.row_count) filter (
        where
            counts.metric_date >= windows.reference_from
            and (windows.reference = 'training' or counts.origin = 'log')
    ), 0) as bigint) as reference_rows,
    cast(coalesce(sum(counts.row_count) filter (
        where
            counts.origin = 'log'
            and counts.is_in_reach
            and counts.metric_date < windows.reference_from
    ), 0) as bigint) as log_rows_before,
    cast(coalesce(sum(counts.row_count) filter (
        where counts.origin = 'log' and counts.is_in_reach
    ), 0) as bigint) as log_rows_through
from windows
inner join counts
    on windows.monitor = counts.monitor and counts.metric_date <= windows.reference_to
inner join {{ ref('int_feature_series') }} as series
    on
        counts.monitor = series.monitor
        and counts.segment_name = series.segment_name
        and counts.segment_value = series.segment_value
        and counts.feature_name = series.feature_name
group by
    windows.monitor, windows.reference, windows.model_version, windows.reference_to,
    series.series_id, counts.cell_id
