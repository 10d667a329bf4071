{{ config(materialized='incremental', incremental_strategy='append', full_refresh=false) }}
{#- One row per build of the whole project that came to its end. -#}
-- depends_on: {{ ref('int_built_days') }}
select coalesce(max(finished.build_number), 0) + 1 as build_number
from {{ source('driftline_state', 'int_finished_builds') }} as finished
having {{ builds_whole_project() }}
