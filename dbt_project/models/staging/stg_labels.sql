{#- Labels that live in a relation of their own; the newest one of an id counts. -#}
with

reported as (
    select
        cast(null as {{ dbt.type_string() }}) as monitor,
        cast(null as {{ dbt.type_string() }}) as inference_id,
        cast(null as {{ type_double() }}) as label,
        cast(null as {{ type_local_timestamp() }}) as labeled_at
    where false
    {% for name, monitor in monitors().items() if monitor.labels %}
    union all
    select
        {{ sql_text(name) }},
        cast({{ column_name(monitor.columns.id) }} as {{ dbt.type_string() }}),
        {{ number_or_null(column_name(monitor.columns.label)) }},
        {{ local_timestamp(column_name(monitor.columns.labeled_at), monitor.time_zone) }}
    from {{ configured_relation(monitor.labels) }}
    {% endfor %}
)

select * from reported
