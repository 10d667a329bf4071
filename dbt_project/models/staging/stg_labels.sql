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
        {{ known_text(monitor, 'labels', monitor.columns.id) }},
        {{ known_target(monitor, 'labels') }},
        {{ local_moment(monitor, 'labels', 'labeled_at') }}
    from {{ configured_relation(monitor.labels) }}
    {% endfor %}
)

select * from reported
