{#- The last day that is seen: the variable as_of, or DRIFTLINE_AS_OF (which the jobs set, because a
    changed variable makes dbt parse the whole project anew), or the newest day in the data of the
    monitor. -#}
{%- set as_of = var('as_of', none) or env_var('DRIFTLINE_AS_OF', '') -%}
with

days_seen as (
    select monitor, max(greatest(predicted_at, coalesce(loaded_at, predicted_at))) as newest_moment
    from {{ ref('stg_inferences') }}
    group by monitor
    union all
    select monitor, max(labeled_at)
    from {{ ref('stg_labels') }}
    group by monitor
),

newest as (
    select monitor, cast(max(newest_moment) as date) as newest_day
    from days_seen
    group by monitor
)

select
    monitor,
    {% if as_of %}
    cast('{{ as_of }}' as date) as as_of,
    true as is_closed
    {% else %}
    newest_day as as_of,
    false as is_closed
    {% endif %}
from newest
