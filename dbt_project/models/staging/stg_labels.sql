{#- Labels that live in a relation of their own; the newest one of an id counts. -#}
with

reported as (
    select
        cast(null as varchar) as monitor,
        cast(null as varchar) as inference_id,
        cast(null as {{ type_double() }}) as label,
        cast(null as timestamp) as labeled_at
    where false
    {% for name, monitor in monitors().items() if monitor.labels %}
    union all
    select
        {{ sql_text(name) }},
        cast({{ monitor.columns.id }} as varchar),
        cast({{ monitor.columns.label }} as {{ type_double() }}),
        {{ local_timestamp(monitor.columns.labeled_at, monitor.time_zone) }}
    from {{ configured_relation(monitor.labels) }}
    {% endfor %}
)

select * from reported
