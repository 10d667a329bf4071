-- Of the feature that has drifted most lately: what share of rows fell into each bin then and now?
-- Then is the training window of the live version (or all rows before the last 30 days where no
-- version is registered), now is the last 30 days.
with

most_drifted as (
    select drift.monitor, max_by(drift.feature_name, drift.psi) as feature_name
    from driftline.feature_drift as drift
    inner join driftline.monitors as monitors
        on drift.monitor = monitors.monitor and drift.metric_date = monitors.as_of
    where
        drift.segment_name = 'overall'
        and drift.reference = 'training'
        and drift.window_days = 30
        and drift.psi is not null
    group by drift.monitor
),

windows as (
    select
        monitors.monitor,
        monitors.bins_version,
        monitors.as_of,
        coalesce(versions.train_from, date '0001-01-01') as then_from,
        least(
            coalesce(versions.train_to, monitors.as_of), cast(monitors.as_of - 30 as date)
        ) as then_to
    from driftline.monitors as monitors
    left join driftline.model_health as health
        on monitors.monitor = health.monitor and monitors.as_of = health.metric_date
    left join driftline.model_versions as versions
        on health.monitor = versions.monitor and health.live_version = versions.model_version
),

counted as (
    select
        histograms.monitor,
        histograms.bins_version,
        histograms.feature_name,
        histograms.bin_id,
        coalesce(sum(histograms.row_count) filter (
            where histograms.metric_date between windows.then_from and windows.then_to
        ), 0) as then_rows,
        coalesce(sum(histograms.row_count) filter (
            where histograms.metric_date > windows.as_of - 30
        ), 0) as now_rows
    from driftline.feature_histograms as histograms
    inner join most_drifted
        on
            histograms.monitor = most_drifted.monitor
            and histograms.feature_name = most_drifted.feature_name
    inner join windows
        on
            histograms.monitor = windows.monitor
            and histograms.bins_version = windows.bins_version
    where histograms.segment_name = 'overall'
    group by
        histograms.monitor, histograms.bins_version, histograms.feature_name,
        histograms.bin_id
)

select
    counted.monitor,
    counted.feature_name,
    counted.bin_id,
    bins.bin_kind,
    coalesce(
        bins.category,
        concat_ws(' to ', cast(bins.lower_bound as varchar), cast(bins.upper_bound as varchar))
    ) as bin,
    counted.then_rows,
    counted.now_rows,
    round(counted.then_rows / nullif(sum(counted.then_rows) over shares, 0), 4) as then_share,
    round(counted.now_rows / nullif(sum(counted.now_rows) over shares, 0), 4) as now_share
from counted
inner join driftline.feature_bins as bins
    on
        counted.monitor = bins.monitor
        and counted.bins_version = bins.bins_version
        and counted.feature_name = bins.feature_name
        and counted.bin_id = bins.bin_id
window shares as (partition by counted.monitor, counted.feature_name)
order by counted.monitor, counted.bin_id
