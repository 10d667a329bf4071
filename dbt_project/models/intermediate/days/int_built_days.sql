{{ config(materialized='incremental', incremental_strategy='changed_days', full_refresh=false,
    meta={'days': 'int_affected_days'}) }}
{#- The last model of a build: what every day was built for. It moves on only with a build of
    the whole project, so that a build of a part, or one that dies, leaves its days to the next.
    Facts of sealed days after the as-of day are kept without marts, and the newest day stays as
    the one that retention_days counts from. -#}
{% for name in models_kept_by_day() %}
-- depends_on: {{ ref(name) }}
{% endfor %}
{% if builds_whole_project() %}
select
    inputs.monitor,
    inputs.metric_date,
    cast(inputs.log_rows as bigint) as log_rows,
    cast(inputs.history_rows as bigint) as history_rows,
    inputs.rows_fingerprint,
    inputs.log_fingerprint,
    inputs.facts_fingerprint,
    inputs.marts_fingerprint
from {{ ref('int_day_inputs') }} as inputs
inner join {{ ref('int_affected_days') }} as days
    on inputs.monitor = days.monitor and inputs.metric_date = days.metric_date
union all
select
    built.monitor, built.metric_date,
    coalesce(facts.log_rows, 0), coalesce(facts.history_rows, 0), facts.rows_fingerprint,
    coalesce(facts.log_fingerprint, 'no rows'), coalesce(facts.facts_fingerprint, 'no rows'),
    'no rows'
from {{ source('driftline_state', 'int_built_days') }} as built
inner join {{ ref('int_affected_days') }} as days
    on built.monitor = days.monitor and built.metric_date = days.metric_date
inner join {{ ref('stg_monitors') }} as monitors
    on built.monitor = monitors.monitor and monitors.retention_days is not null
inner join (
    select monitor, max(metric_date) as last_day
    from {{ source('driftline_state', 'int_built_days') }}
    group by monitor
) as newest
    on built.monitor = newest.monitor
left join {{ ref('int_day_facts') }} as facts
    on built.monitor = facts.monitor and built.metric_date = facts.metric_date
left join {{ ref('int_day_inputs') }} as inputs
    on built.monitor = inputs.monitor and built.metric_date = inputs.metric_date
where
    inputs.monitor is null
    and (facts.monitor is not null or built.metric_date = newest.last_day)
{% else %}
select built.*
from {{ source('driftline_state', 'int_built_days') }} as built
inner join {{ ref('int_affected_days') }} as days
    on built.monitor = days.monitor and built.metric_date = days.metric_date
{% endif %}
