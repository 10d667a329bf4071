{{ config(materialized='incremental', incremental_strategy='append', full_refresh=false) }}
{#- As int_begun_days, the days whose marts each build set out to build. -#}
{{ begun_days(ref('int_input_changes')) }}
