{#- The days of the log that windows of affected days reach: from 60 days before the first of them
    (a window of 30 days and the 30 before it) to the last. -#}
select log_days.monitor, log_days.metric_date
from {{ ref('int_log_days') }} as log_days
inner join {{ ref('int_affected_spans') }} as spans
    on
        log_days.monitor = spans.monitor
        and log_days.metric_date >= {{ add_days('spans.first_day', -60) }}
        and log_days.metric_date <= spans.last_day
