{#- The span of days whose raw rows are looked at: all up to the as-of day or, with
    look_back_days and for a monitor that was built before, the last ones only, back to the last
    day that was built however long ago that was. -#}
with

built as (
    select monitor, max(metric_date) as last_built
    from {{ source('driftline_state', 'int_built_days') }}
    group by monitor
),

spans as (
    select
        monitors.monitor,
        as_of.as_of as last_day,
        case
            when built.last_built is null or monitors.look_back_days is null
                or {{ rebuilds_everything() }}
                then {{ never('before') }}
            else least(
                {{ add_days('as_of.as_of', '-monitors.look_back_days') }}, built.last_built
            )
        end as first_day
    from {{ ref('stg_monitors') }} as monitors
    inner join {{ ref('int_as_of') }} as as_of
        on monitors.monitor = as_of.monitor
    left join built
        on monitors.monitor = built.monitor
)

select monitor, first_day, last_day
from spans
