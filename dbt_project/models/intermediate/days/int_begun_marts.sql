{{ config(materialized='incremental', incremental_strategy='unfinished_builds',
    full_refresh=false) }}
{#- As int_begun_days, the days whose marts each build set out to build. -#}
{{ begun_days(ref('int_input_changes'), source('driftline_state', 'int_begun_marts')) }}
