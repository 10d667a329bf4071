{#- The days whose marts are built in this run: those whose inputs are not what they were when they were
    last built. -#}
with

compared as (
    select
        coalesce(inputs.monitor, built.monitor) as monitor,
        coalesce(inputs.metric_date, built.metric_date) as metric_date,
        case
            when built.monitor is null then 'new'
            when inputs.monitor is null then 'gone'
            when inputs.marts_fingerprint <> built.marts_fingerprint then 'changed'
            {% if rebuilds_everything() %}
            else 'refreshed'
            {% endif %}
        end as change_kind
    from {{ ref('int_day_inputs') }} as inputs
    full outer join {{ source('driftline_state', 'int_built_days') }} as built
        on inputs.monitor = built.monitor and inputs.metric_date = built.metric_date
)

select monitor, metric_date, change_kind
from compared
where change_kind is not null
