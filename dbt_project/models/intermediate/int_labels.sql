{{ config(materialized='view') }}
{#- The label of each id as it was known on the as-of day: the newest report up to then. -#}
with

visible as (
    select
        labels.monitor,
        labels.inference_id,
        labels.label,
        labels.labeled_at,
        row_number() over (
            partition by labels.monitor, labels.inference_id
            order by labels.labeled_at desc, labels.label desc
        ) as recency
    from {{ ref('stg_labels') }} as labels
    inner join {{ ref('int_as_of') }} as as_of
        on labels.monitor = as_of.monitor
    where labels.labeled_at < as_of.as_of + interval '1 day'
)

select monitor, inference_id, label, labeled_at
from visible
where recency = 1
