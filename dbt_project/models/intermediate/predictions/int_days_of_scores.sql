{{ config(materialized='view') }}
{#- The days whose predictions are read to lay the grid of predicted numbers: the first 28 days of
    the log once they are over, none once the grid is frozen. -#}
select days.monitor, days.metric_date
from {{ ref('int_log_days') }} as days
inner join {{ ref('stg_monitors') }} as monitors
    on
        days.monitor = monitors.monitor
        and monitors.task not in ('binary', 'multiclass')
inner join {{ ref('int_as_of') }} as as_of
    on days.monitor = as_of.monitor
where
    days.metric_date <= {{ add_days('days.first_day', 27) }}
    and as_of.last_whole_day >= {{ add_days('days.first_day', 27) }}
    and not exists (
        select 1
        from {{ source('driftline_state', 'int_score_grid') }} as frozen
        where frozen.monitor = monitors.monitor
    )
