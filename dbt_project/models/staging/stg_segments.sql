select
    cast(null as {{ dbt.type_string() }}) as monitor,
    cast(null as integer) as position,
    cast(null as {{ dbt.type_string() }}) as segment_name,
    cast(null as {{ dbt.type_string() }}) as expression,
    cast(null as boolean) as is_protected
where false
{% for name, monitor in monitors().items() %}
{% for segment, expression in monitor.segments.items() %}
union all
select
    {{ sql_text(name) }},
    {{ loop.index }},
    {{ sql_text(segment) }},
    {{ sql_text(expression) }},
    {{ segment in monitor.protected }}
{% endfor %}
{% endfor %}
