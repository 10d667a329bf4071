{#- The days whose rows are not what they were when they were last built, and why. A day that a
    build began and did not finish is counted again whatever its rows say. -#}
with

unfinished as (
    select distinct begun.monitor, begun.metric_date
    from {{ source('driftline_state', 'int_begun_days') }} as begun
    where begun.build_number > (
        select coalesce(max(finished.build_number), 0)
        from {{ source('driftline_state', 'int_finished_builds') }} as finished
    )
),

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
            when days.is_sealed then null
            when stored.monitor is null then 'new'
            when days.monitor is null then 'gone'
            when days.log_fingerprint <> stored.log_fingerprint then 'changed'
            when unfinished.monitor is not null then 'unfinished'
            {% if rebuilds_everything() %}
            else 'refreshed'
            {% endif %}
        end as change_kind
    from {{ ref('int_day_logs') }} as days
    full outer join stored
        on days.monitor = stored.monitor and days.metric_date = stored.metric_date
    left join unfinished
        on
            coalesce(days.monitor, stored.monitor) = unfinished.monitor
            and coalesce(days.metric_date, stored.metric_date) = unfinished.metric_date
)

select monitor, metric_date, change_kind
from compared
where change_kind is not null
union all
-- Begun for rows that are gone again.
select unfinished.monitor, unfinished.metric_date, 'unfinished'
from unfinished
left join compared
    on
        unfinished.monitor = compared.monitor
        and unfinished.metric_date = compared.metric_date
where compared.monitor is null
