{#- The days whose inputs are not what they were when their marts were last built, and why. -#}
with

unfinished as (
    select distinct begun.monitor, begun.metric_date
    from {{ source('driftline_state', 'int_begun_marts') }} as begun
    where begun.build_number > (
        select coalesce(max(finished.build_number), 0)
        from {{ source('driftline_state', 'int_finished_builds') }} as finished
    )
),

compared as (
    select
        coalesce(inputs.monitor, built.monitor) as monitor,
        coalesce(inputs.metric_date, built.metric_date) as metric_date,
        case
            when built.monitor is null then 'new'
            when inputs.monitor is null then 'gone'
            when inputs.marts_fingerprint <> built.marts_fingerprint then 'changed'
            when unfinished.monitor is not null then 'unfinished'
            {% if rebuilds_everything() %}
            else 'refreshed'
            {% endif %}
        end as change_kind
    from {{ ref('int_day_inputs') }} as inputs
    full outer join {{ source('driftline_state', 'int_built_days') }} as built
        on inputs.monitor = built.monitor and inputs.metric_date = built.metric_date
    left join unfinished
        on
            coalesce(inputs.monitor, built.monitor) = unfinished.monitor
            and coalesce(inputs.metric_date, built.metric_date) = unfinished.metric_date
)

select monitor, metric_date, change_kind
from compared
where change_kind is not null
union all
select unfinished.monitor, unfinished.metric_date, 'unfinished'
from unfinished
left join compared
    on
        unfinished.monitor = compared.monitor
        and unfinished.metric_date = compared.metric_date
where compared.monitor is null
