-- When the model says 20 %, does it happen in 20 % of cases? The newest settled 30 days.
with

newest as (
    select calibration.monitor, max(calibration.metric_date) as metric_date
    from driftline.calibration as calibration
    inner join driftline.monitors as monitors
        on calibration.monitor = monitors.monitor
    where calibration.metric_date <= monitors.as_of - monitors.label_horizon_days
    group by calibration.monitor
)

select
    calibration.monitor,
    calibration.metric_date,
    calibration.bin_id,
    round(calibration.mean_score, 4) as mean_score,
    round(calibration.observed_rate, 4) as observed_rate,
    round(calibration.lower_bound, 4) as lower_bound,
    round(calibration.upper_bound, 4) as upper_bound,
    calibration.row_count,
    case
        when calibration.mean_score > calibration.upper_bound then 'scores too high'
        when calibration.mean_score < calibration.lower_bound then 'scores too low'
        else 'agrees'
    end as verdict
from driftline.calibration as calibration
inner join newest
    on
        calibration.monitor = newest.monitor
        and calibration.metric_date = newest.metric_date
where
    calibration.model_version = 'serving'
    and calibration.segment_name = 'overall'
    and calibration.window_days = 30
order by calibration.monitor, calibration.bin_id
