{#- How many times more rows the days of a window have than its mean day, when every row weighs the
    same: 1 with the same rows each day, 7 where one day of seven has them all. -#}
select
    windows.monitor,
    windows.metric_date,
    windows.window_days,
    sum(power(inputs.log_rows, 2)) * windows.window_days
    / nullif(power(sum(inputs.log_rows), 2), 0) as day_crowd
from {{ ref('int_window_days') }} as windows
inner join {{ ref('int_day_inputs') }} as inputs
    on windows.monitor = inputs.monitor and windows.member_date = inputs.metric_date
group by windows.monitor, windows.metric_date, windows.window_days
