{{ config(materialized='incremental', incremental_strategy='unfinished_builds',
    full_refresh=false) }}
{#- The days whose facts each build set out to count, written before any is touched. A build whose
    number is not in int_finished_builds died. -#}
{{ begun_days(ref('int_row_changes'), source('driftline_state', 'int_begun_days')) }}
