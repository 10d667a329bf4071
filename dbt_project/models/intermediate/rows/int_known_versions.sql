{{ config(materialized='view') }}
{#- Versions that were there before the as-of day: what a cycle makes of a day is seen from the next
    day on, so carrying out a decision, or dying half-way through it, changes nothing that the
    decision rests on. -#}
select versions.*
from {{ source('driftline_jobs', 'model_versions') }} as versions
inner join {{ ref('int_as_of') }} as as_of
    on versions.monitor = as_of.monitor and versions.created_on < as_of.as_of
