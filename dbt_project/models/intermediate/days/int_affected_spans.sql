{#- First and last affected day of each monitor: facts are windowed between them, and before the
    first as far as windows reach. -#}
select monitor, min(metric_date) as first_day, max(metric_date) as last_day
from {{ ref('int_affected_days') }}
group by monitor
