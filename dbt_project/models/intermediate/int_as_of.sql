{#- The last day that is seen: the variable as_of, or the newest day in the data of the monitor. -#}
with

days_seen as (
    select monitor, cast(predicted_at as date) as day_seen
    from {{ ref('stg_inferences') }}
    union all
    select monitor, cast(loaded_at as date)
    from {{ ref('stg_inferences') }}
    union all
    select monitor, cast(labeled_at as date)
    from {{ ref('stg_labels') }}
),

newest as (
    select monitor, max(day_seen) as newest_day
    from days_seen
    group by monitor
)

select
    monitor,
    {% if var('as_of', none) %}
    cast('{{ var("as_of") }}' as date) as as_of
    {% else %}
    newest_day as as_of
    {% endif %}
from newest
