{#- How much more the days of the last 28 pull a metric than independent rows would. Rows of a day
    that is the part w of its 30 days pull 1 - w as much as they would against a value that is known;
    what the day has in common, which grows with its rows, pulls (1 - w) squared as much. -#}
with

daily as (
    select
        monitor, model_version, traffic, segment_name, segment_value, metric_name, metric_date,
        pull_square,
        pull_variance,
        -- A shift of the log-odds of all labels of a day moves rows by their variance.
        pull_variance * case
            when metric_name = 'rate at scores' then pull_variance
            else labeled_rows * (1 - part_of_month)
        end as pull_of_days
    from {{ ref('int_metric_estimates') }}
    where window_days = 1 and pull_variance > 0 and pull_square is not null
),

pulled as (
    select
        daily.monitor,
        daily.model_version,
        daily.traffic,
        daily.segment_name,
        daily.segment_value,
        daily.metric_name,
        windows.metric_date,
        count(*) as day_count,
        sum(daily.pull_square) as pull_square,
        sum(daily.pull_variance) as pull_variance,
        sum(daily.pull_of_days) as pull_of_days,
        power(sum(daily.pull_variance), 2) / sum(power(daily.pull_variance, 2)) as effective_days
    from {{ ref('int_window_days') }} as windows
    inner join daily
        on
            windows.monitor = daily.monitor
            and windows.member_date = daily.metric_date
            and windows.window_days = 28
    group by
        daily.monitor, daily.model_version, daily.traffic, daily.segment_name,
        daily.segment_value, daily.metric_name, windows.metric_date
)

select
    monitor,
    model_version,
    traffic,
    segment_name,
    segment_value,
    metric_name,
    metric_date,
    day_count,
    effective_days,
    -- Where what rows would give is a bound, days may show that it is less.
    case
        when metric_name = 'macro_roc_auc' and day_count >= 7 then pull_square / pull_variance
    end as pull_ratio,
    {{ day_excess() }} as excess
from pulled
