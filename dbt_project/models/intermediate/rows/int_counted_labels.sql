{#- Labels, as known on the as-of day, of the ids on the days that are counted. -#}
{%- set reads = day_spans(ref('int_days_to_count')) -%}
with

reports as (
    select
        cast(null as {{ dbt.type_string() }}) as monitor,
        cast(null as {{ dbt.type_string() }}) as inference_id,
        cast(null as {{ type_double() }}) as label,
        cast(null as {{ type_local_timestamp() }}) as labeled_at
    where false
    {% for name, monitor in monitors().items() if monitor.labels and not reads[name].is_empty %}
    union all
    select monitor, inference_id, label, labeled_at
    from {{ ref('stg_labels') }}
    where
        monitor = {{ sql_text(name) }}
        and inference_id in (
            select cast(rows_found.row_id as {{ dbt.type_string() }})
            from {{ raw_rows(name, monitor, 'log', ['row_id'], reads[name]) }} as rows_found
        )
    {% endfor %}
)

{{ newest_labels('reports') }}
