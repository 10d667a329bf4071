{#- The days on which `fingerprint` of the relation `found` is not that of int_built_days, and why,
    as a whole select. A day that a build wrote into `begun` and did not finish has changed whatever
    its fingerprint says. `is_kept` names a boolean column of days that are left as they are. On days that changed for
    `business` what only business metrics depend on is another. -#}
{% macro changed_since_built(found, fingerprint, begun, is_kept='false') %}
with

unfinished as (
    {{ unfinished_days(begun) }}
),

built as (
    select monitor, metric_date, {{ fingerprint }}
    from {{ source('driftline_state', 'int_built_days') }}
    where {{ fingerprint }} <> 'no rows'
),

compared as (
    select
        coalesce(found.monitor, built.monitor) as monitor,
        coalesce(found.metric_date, built.metric_date) as metric_date,
        case
            when {{ is_kept }} then null
            when built.monitor is null then 'new'
            when found.monitor is null then 'gone'
            when {{ core_part('found.' ~ fingerprint) }} <> {{ core_part('built.' ~ fingerprint) }}
                then 'changed'
            when unfinished.monitor is not null then 'unfinished'
            {% if rebuilds_everything() %}
            else 'refreshed'
            {% else %}
            when found.{{ fingerprint }} <> built.{{ fingerprint }} then 'business'
            {% endif %}
        end as change_kind
    from {{ found }} as found
    full outer join built
        on found.monitor = built.monitor and found.metric_date = built.metric_date
    left join unfinished
        on
            coalesce(found.monitor, built.monitor) = unfinished.monitor
            and coalesce(found.metric_date, built.metric_date) = unfinished.metric_date
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
{% endmacro %}
