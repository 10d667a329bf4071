{#- Days among the changed ones on which an id came more than once for one version: only their rows
    are looked at one by one. -#}
{%- set reads = day_spans(ref('int_changed_days')) -%}
with

-- Grouped once more at the end: `union` would have the engine choose a slower plan for the ids.
found as (
    select
        cast(null as {{ dbt.type_string() }}) as monitor,
        cast(null as date) as metric_date
    where false
    {% for name, monitor in monitors().items() if not reads[name].is_empty %}
    {% set read = reads[name] %}
    {% for origin in row_origins(monitor) %}
    union all
    select {{ sql_text(name) }}, metric_date
    from {{ raw_rows(name, monitor, origin, ['row_id', 'model_version'], read) }} as ids
    group by metric_date, model_version
    having count(*) > count(distinct row_id)
    {% endfor %}
    {% endfor %}
)

select monitor, metric_date
from found
group by monitor, metric_date
