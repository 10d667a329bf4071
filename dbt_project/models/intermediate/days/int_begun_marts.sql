{{ config(materialized='incremental', incremental_strategy='append', full_refresh=false) }}
{#- As int_begun_days, the days whose marts each build set out to build. -#}
select
    changes.monitor,
    changes.metric_date,
    coalesce(numbers.last_build, 0) + 1 as build_number
from {{ ref('int_input_changes') }} as changes
cross join (
    select max(build_number) as last_build
    from {{ source('driftline_state', 'int_finished_builds') }}
) as numbers
