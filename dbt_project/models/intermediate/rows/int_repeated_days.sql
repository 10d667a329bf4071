{#- Days among the changed ones on which an id came more than once for one version: only their rows
    are looked at one by one. -#}
{%- set days = ref('int_changed_days') -%}
select
    cast(null as {{ dbt.type_string() }}) as monitor,
    cast(null as date) as metric_date
where false
{% for name, monitor in monitors().items() %}
{% set read = day_spans(days, name) %}
{% for origin in row_origins(monitor) %}
union
select {{ sql_text(name) }}, metric_date
from {{ raw_rows(name, monitor, origin, ['row_id', 'model_version'], read) }} as ids
group by metric_date, model_version
having count(*) > count(distinct row_id)
{% endfor %}
{% endfor %}
