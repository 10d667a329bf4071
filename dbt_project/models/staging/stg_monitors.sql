{# Configuration becomes rows here; everything after is plain SQL. #}
select
    cast(null as {{ dbt.type_string() }}) as monitor,
    cast(null as {{ dbt.type_string() }}) as description,
    cast(null as {{ dbt.type_string() }}) as owner,
    cast(null as {{ dbt.type_string() }}) as task,
    cast(null as {{ dbt.type_string() }}) as time_zone,
    cast(null as integer) as label_horizon_days,
    cast(null as {{ dbt.type_string() }}) as unlabeled_means,
    cast(null as {{ type_double() }}) as decision_threshold,
    cast(null as {{ dbt.type_string() }}) as primary_metric,
    cast(null as boolean) as can_retrain,
    cast(null as boolean) as has_history,
    cast(null as integer) as bins_version,
    cast(null as integer) as retention_days,
    cast(null as integer) as look_back_days
where false
{% for name, monitor in monitors().items() %}
union all
select
    {{ sql_text(name) }},
    {{ sql_text(monitor.description) }},
    {{ sql_text(monitor.owner) }},
    {{ sql_text(monitor.task) }},
    {{ sql_text(monitor.time_zone) }},
    {{ monitor.label_horizon_days }},
    {{ sql_text(monitor.unlabeled_means) }},
    {{ monitor.decision_threshold if monitor.task == 'binary' else 'null' }},
    {{ sql_text(monitor.primary_metric) }},
    {{ monitor.retrain }},
    {{ monitor.history is not none }},
    {{ monitor.bins_version }},
    {{ monitor.retention_days or 'null' }},
    {{ monitor.look_back_days or 'null' }}
{% endfor %}
