select
    cast(null as {{ dbt.type_string() }}) as monitor,
    cast(null as {{ dbt.type_string() }}) as feature_kind,
    cast(null as integer) as position,
    cast(null as {{ dbt.type_string() }}) as feature_name
where false
{% for name, monitor in monitors().items() %}
{% for kind in ['numeric', 'categorical'] %}
{% for feature in monitor[kind] %}
union all
select {{ sql_text(name) }}, '{{ kind }}', {{ loop.index }}, {{ sql_text(feature) }}
{% endfor %}
{% endfor %}
{% endfor %}
