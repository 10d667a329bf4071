{#- Fails for each day, segment value and feature (or version) whose bins do not sum to its rows,
    counted another way, or are not all there. -#}
with

feature_bin_counts as (
    select monitor, bins_version, feature_name, count(*) as bin_count
    from {{ ref('feature_bins') }}
    group by monitor, bins_version, feature_name
),

feature_sums as (
    select
        monitor, bins_version, metric_date, segment_name, segment_value, feature_name,
        sum(row_count) as row_count, count(*) as bin_count
    from {{ ref('feature_histograms') }} as kept
    where
        origin = 'log'
        and exists (
        select 1
        from {{ ref('int_affected_days') }} as affected
        where affected.monitor = kept.monitor and affected.metric_date = kept.metric_date
    )
    group by monitor, bins_version, metric_date, segment_name, segment_value, feature_name
),

prediction_bin_counts as (
    select monitor, bins_version, count(*) as bin_count
    from {{ ref('prediction_bins') }}
    group by monitor, bins_version
),

prediction_sums as (
    select
        monitor, bins_version, model_version, metric_date, segment_name, segment_value,
        sum(row_count) as row_count, count(*) as bin_count
    from {{ ref('prediction_histograms') }} as kept
    where exists (
        select 1
        from {{ ref('int_affected_days') }} as affected
        where affected.monitor = kept.monitor and affected.metric_date = kept.metric_date
    )
    group by monitor, bins_version, model_version, metric_date, segment_name, segment_value
)

select
    sums.monitor, sums.metric_date, sums.segment_name, sums.segment_value,
    sums.feature_name as what,
    sums.row_count,
    sums.bin_count,
    statistics.row_count as rows_counted,
    bins.bin_count as bins_cut
from feature_sums as sums
inner join feature_bin_counts as bins
    on
        sums.monitor = bins.monitor
        and sums.bins_version = bins.bins_version
        and sums.feature_name = bins.feature_name
left join {{ ref('feature_statistics') }} as statistics
    on
        sums.monitor = statistics.monitor
        and sums.metric_date = statistics.metric_date
        and sums.segment_name = statistics.segment_name
        and sums.segment_value = statistics.segment_value
        and sums.feature_name = statistics.feature_name
        and statistics.window_days = 1
where sums.row_count is distinct from statistics.row_count or sums.bin_count <> bins.bin_count
union all
select
    sums.monitor, sums.metric_date, sums.segment_name, sums.segment_value,
    sums.model_version,
    sums.row_count,
    sums.bin_count,
    statistics.row_count as rows_counted,
    bins.bin_count as bins_cut
from prediction_sums as sums
inner join prediction_bin_counts as bins
    on sums.monitor = bins.monitor and sums.bins_version = bins.bins_version
left join {{ ref('prediction_statistics') }} as statistics
    on
        sums.monitor = statistics.monitor
        and sums.model_version = statistics.model_version
        and sums.metric_date = statistics.metric_date
        and sums.segment_name = statistics.segment_name
        and sums.segment_value = statistics.segment_value
        and statistics.window_days = 1
where sums.row_count is distinct from statistics.row_count or sums.bin_count <> bins.bin_count
