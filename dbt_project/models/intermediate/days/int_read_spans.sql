{#- The span of days whose raw rows are looked at: all up to the as-of day or, with
    look_back_days and for a monitor that was built before, the last ones only. -#}
with

built as (
    select monitor, min(metric_date) as first_built
    from {{ source('driftline_state', 'int_built_days') }}
    group by monitor
),

spans as (
    select
        monitors.monitor,
        as_of.as_of as last_day,
        case
            when built.first_built is null or monitors.look_back_days is null
                or {{ rebuilds_everything() }}
                then {{ never('before') }}
            else {{ add_days('as_of.as_of', '-monitors.look_back_days') }}
        end as first_day
    from {{ ref('stg_monitors') }} as monitors
    inner join {{ ref('int_as_of') }} as as_of
        on monitors.monitor = as_of.monitor
    left join built
        on monitors.monitor = built.monitor
)

select monitor, first_day, last_day
from spans
