{#- The classes of monitors with several, in the order of the configuration. -#}
select
    cast(null as {{ dbt.type_string() }}) as monitor,
    cast(null as integer) as class_position,
    cast(null as {{ dbt.type_string() }}) as class_name
where false
{% for name, monitor in monitors().items() %}
{% for class_name in monitor.classes %}
union all
select {{ sql_text(name) }}, {{ loop.index }}, {{ sql_text(class_name | string) }}
{% endfor %}
{% endfor %}
