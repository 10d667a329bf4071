{#- The business metrics of monitors, in the order of the configuration. -#}
select
    cast(null as {{ dbt.type_string() }}) as monitor,
    cast(null as integer) as position,
    cast(null as {{ dbt.type_string() }}) as metric_name,
    cast(null as {{ dbt.type_string() }}) as definition,
    cast(null as {{ dbt.type_string() }}) as direction,
    cast(null as integer) as horizon_days,
    cast(null as {{ dbt.type_string() }}) as unit,
    cast(null as {{ dbt.type_string() }}) as description
where false
{% for name, monitor in monitors().items() %}
{% for metric_name, metric in monitor.business_metrics.items() %}
union all
select
    {{ sql_text(name) }},
    {{ loop.index }},
    {{ sql_text(metric_name) }},
    '{{ business_definition(metric) }}',
    {{ sql_text(metric.direction) }},
    {{ metric.horizon_days }},
    {{ sql_text(metric.unit) }},
    {{ sql_text(metric.description) }}
{% endfor %}
{% endfor %}
