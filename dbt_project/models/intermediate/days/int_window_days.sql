{#- The days that belong to each window that ends on an affected day: windows are sums over
    these. 28 days is the span of the stable window. -#}
select
    days.monitor,
    days.metric_date,
    windows.window_days,
    members.member_date
from {{ ref('int_affected_days') }} as days
inner join {{ ref('int_day_inputs') }} as inputs
    on days.monitor = inputs.monitor and days.metric_date = inputs.metric_date
cross join (values (1), (7), (28), (30)) as windows (window_days)
{{ explode_days_of(add_days('days.metric_date', '1 - windows.window_days'), 'days.metric_date',
    'members', 'member_date') }}
