{#- The last day that is seen: the variable as_of, or DRIFTLINE_AS_OF (which the jobs set, because a
    changed variable makes dbt parse the whole project anew), or the newest day in the data of the
    monitor, which may not be over: then it is not closed, and the last whole day is the one before.
    A monitor with `retention_days` whose rows are all purged stays at the last day that was built.
    What is dated after tomorrow has not come yet, be it "never" (9999-12-31, infinity) or a clock
    that was wrong: one such row must not carry the monitor into an empty future. Local days are up
    to 14 hours ahead of this clock, which tells UTC. -#}
{%- set tomorrow = run_started_at + modules.datetime.timedelta(days=1) -%}
{%- set too_late = day_start(add_days(date_literal(tomorrow.date()), 1)) -%}
{%- set as_of = var('as_of', none) or env_var('DRIFTLINE_AS_OF', '') -%}
with

days_seen as (
    select monitor, max(greatest(predicted_at, coalesce(loaded_at, predicted_at))) as newest_moment
    from {{ ref('stg_inferences') }}
    where predicted_at < {{ too_late }} and coalesce(loaded_at, predicted_at) < {{ too_late }}
    group by monitor
    union all
    select monitor, max(labeled_at)
    from {{ ref('stg_labels') }}
    where labeled_at < {{ too_late }}
    group by monitor
),

last_built as (
    select days.monitor, max(days.metric_date) as last_day
    from {{ source('driftline_state', 'int_built_days') }} as days
    inner join {{ ref('stg_monitors') }} as monitors
        on days.monitor = monitors.monitor and monitors.retention_days is not null
    group by days.monitor
),

newest as (
    select
        coalesce(seen.monitor, last_built.monitor) as monitor,
        coalesce(seen.newest_day, last_built.last_day) as newest_day
    from (
        select monitor, cast(max(newest_moment) as date) as newest_day
        from days_seen
        group by monitor
    ) as seen
    full outer join last_built
        on seen.monitor = last_built.monitor
)

select
    monitor,
    {% if as_of %}
    cast('{{ as_of }}' as date) as as_of,
    cast('{{ as_of }}' as date) as last_whole_day,
    true as is_closed
    {% else %}
    newest_day as as_of,
    {{ add_days('newest_day', -1) }} as last_whole_day,
    false as is_closed
    {% endif %}
from newest
