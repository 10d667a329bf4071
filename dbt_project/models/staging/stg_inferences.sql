{#- The one place where each team's log becomes canonical columns. Arrays keep the order of the
    configuration, so no later model needs to know which monitor has which features. -#}
with

empty_log as (
    select
        cast(null as {{ dbt.type_string() }}) as monitor,
        cast(null as {{ dbt.type_string() }}) as origin,
        cast(null as {{ dbt.type_string() }}) as inference_id,
        cast(null as {{ dbt.type_string() }}) as entity_id,
        cast(null as {{ type_local_timestamp() }}) as predicted_at,
        cast(null as {{ type_local_timestamp() }}) as loaded_at,
        cast(null as {{ dbt.type_string() }}) as model_version,
        cast(null as boolean) as is_shadow,
        cast(null as {{ type_double() }}) as score,
        cast(null as {{ type_double() }}) as logged_label,
        cast(null as {{ type_local_timestamp() }}) as logged_labeled_at,
        cast(null as {{ array_type(type_double()) }}) as numeric_values,
        cast(null as {{ array_type(dbt.type_string()) }}) as categorical_values,
        cast(null as {{ array_type(dbt.type_string()) }}) as segment_values,
        cast(null as {{ array_type(type_double()) }}) as class_values,
        cast(null as {{ dbt.type_string() }}) as query_id,
        cast(null as {{ array_type(type_double()) }}) as business_numerators,
        cast(null as {{ array_type(type_double()) }}) as business_denominators
    where false
)

select * from empty_log
{% for name, monitor in monitors().items() %}
union all
{{ canonical_rows(name, monitor, 'log') }}
{% if monitor.history %}
union all
{{ canonical_rows(name, monitor, 'history') }}
{% endif %}
{% endfor %}
