{{ config(materialized='incremental', incremental_strategy='append', full_refresh=false) }}
{#- What each build set out to touch, written before it touches anything: the days whose facts
    it counts and those whose marts it builds. A build whose number is not in
    int_finished_builds died. -#}
select
    changes.monitor,
    changes.metric_date,
    coalesce(numbers.last_build, 0) + 1 as build_number
from {{ ref('int_row_changes') }} as changes
cross join (
    select max(build_number) as last_build
    from {{ source('driftline_state', 'int_finished_builds') }}
) as numbers
