{{ config(materialized='incremental', incremental_strategy='changed_days', full_refresh=false,
    meta={'days': 'int_days_to_count'}) }}
{#- How many of a day's rows got their label at which age. -#}
{%- set reads = day_spans(ref('int_days_to_count'), ref('int_repeated_rows')) -%}
with

aged as (
    select
        cast(null as {{ dbt.type_string() }}) as monitor,
        cast(null as date) as metric_date,
        cast(null as integer) as label_age_days,
        cast(null as bigint) as row_count
    where false
    {% for name, monitor in monitors().items() if not reads[name].is_empty %}
    union all
    select {{ sql_text(name) }}, metric_date, cast(label_age_days as integer), count(*)
    from {{ label_ages(name, monitor, reads[name]) }} as ages
    group by metric_date, cast(label_age_days as integer)
    {% endfor %}
)

select * from aged
