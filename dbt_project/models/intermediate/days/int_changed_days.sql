{#- The days whose rows are not what they were when they were last built, and why. -#}
with

stored as (
    select monitor, metric_date, log_fingerprint
    from {{ source('driftline_state', 'int_built_days') }}
    where log_fingerprint <> 'no rows'
),

compared as (
    select
        coalesce(days.monitor, stored.monitor) as monitor,
        coalesce(days.metric_date, stored.metric_date) as metric_date,
        case
            when days.is_kept then null
            when stored.monitor is null then 'new'
            when days.monitor is null then 'gone'
            when days.log_fingerprint <> stored.log_fingerprint then 'changed'
            {% if rebuilds_everything() %}
            else 'refreshed'
            {% endif %}
        end as change_kind
    from {{ ref('int_day_logs') }} as days
    full outer join stored
        on days.monitor = stored.monitor and days.metric_date = stored.metric_date
)

select monitor, metric_date, change_kind
from compared
where change_kind is not null
