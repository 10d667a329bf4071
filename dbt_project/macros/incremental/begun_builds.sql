{#- The number of the last build that came to its end. -#}
{% macro last_finished_build() -%}
select coalesce(max(build_number), 0) as build_number
from {{ source('driftline_state', 'int_finished_builds') }}
{%- endmacro %}


{#- The days that a build wrote into `begun` and did not finish. -#}
{% macro unfinished_days(begun) -%}
select distinct begun.monitor, begun.metric_date
    from {{ begun }} as begun
    where begun.build_number > ({{ last_finished_build() }})
{%- endmacro %}


{#- What a build sets out to touch, under its number: one more than that of the last one that came
    to its end, like all that died since. What these wrote into `begun` stands there already. -#}
{% macro begun_days(changes, begun) %}
with

numbers as (
    select last_builds.build_number + 1 as build_number
    from ({{ last_finished_build() }}) as last_builds
)

select
    changes.monitor,
    changes.metric_date,
    numbers.build_number
from {{ changes }} as changes
cross join numbers
where not exists (
    select 1
    from {{ begun }} as begun
    where
        begun.monitor = changes.monitor
        and begun.metric_date = changes.metric_date
        and begun.build_number = numbers.build_number
)
{% endmacro %}
