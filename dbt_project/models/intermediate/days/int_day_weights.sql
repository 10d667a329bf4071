{#- How much single days weigh in a window and in the references that move with it: the sum of
    squares of the days' shares of the rows that were answered, 1 over the number of days with the
    same rows each day, 1 where one day has them all. -#}
with

members as (
    select monitor, metric_date, window_days, member_date, 'day' as side
    from {{ ref('int_window_days') }}
    where window_days <> 28
    union all
    select
        monitor, metric_date, window_days, {{ add_days('member_date', '-window_days') }},
        'previous'
    from {{ ref('int_window_days') }}
    where window_days <> 28
    union all
    select
        months.monitor, months.metric_date, windows.window_days,
        {{ add_days('months.member_date', '-windows.window_days') }}, 'rolling'
    from {{ ref('int_window_days') }} as months
    cross join (values (1), (7), (30)) as windows (window_days)
    where months.window_days = 30
    union all
    select monitor, metric_date, 1, member_date, 'same_weekday'
    from {{ ref('int_window_days') }}
    where
        window_days = 30
        and {{ days_between('metric_date', 'member_date') }} in (7, 14, 21, 28)
)

select
    members.monitor,
    members.metric_date,
    members.window_days,
    {% for side in ['day'] + moving_references() %}
    sum(case when members.side = '{{ side }}' then power(counts.row_count, 2) end)
    / nullif(power(sum(case when members.side = '{{ side }}' then counts.row_count end), 2), 0)
        as {{ side }}_weight{{ ',' if not loop.last }}
    {% endfor %}
from members
inner join {{ ref('int_performance_daily') }} as counts
    on
        members.monitor = counts.monitor
        and members.member_date = counts.metric_date
        and counts.model_version = 'serving'
        and counts.traffic = 'live'
        and counts.segment_name = 'overall'
group by members.monitor, members.metric_date, members.window_days
