{{ config(materialized='incremental', incremental_strategy='unfinished_builds',
    full_refresh=false) }}
{#- The last builds of the whole project that had something to do and came to their end. -#}
-- depends_on: {{ ref('int_built_days') }}
with

begun as (
    select build_number from {{ ref('int_begun_days') }}
    union all
    select build_number from {{ ref('int_begun_marts') }}
)

select max(begun.build_number) as build_number
from begun
where begun.build_number > ({{ last_finished_build() }})
having max(begun.build_number) is not null and {{ builds_whole_project() }}
