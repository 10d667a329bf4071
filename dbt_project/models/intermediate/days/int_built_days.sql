{{ config(materialized='incremental', incremental_strategy='changed_days', full_refresh=false,
    meta={'days': 'int_affected_days'}) }}
{#- The last model of a build: what every day was built for. It moves on only with a build of
    the whole project, so that a build of a part, or one that dies, leaves its days to the next.
    -#}
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
{% else %}
select built.*
from {{ source('driftline_state', 'int_built_days') }} as built
inner join {{ ref('int_affected_days') }} as days
    on built.monitor = days.monitor and built.metric_date = days.metric_date
{% endif %}
