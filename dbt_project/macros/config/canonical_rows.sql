{#- Rows of one relation ('log' or 'history') of a monitor in the columns of stg_inferences. -#}
{% macro canonical_rows(name, monitor, origin) %}
{%- set columns = {} -%}
{%- for role, column in monitor.columns.items() if column -%}
    {%- do columns.update({role: column_name(column)}) -%}
{%- endfor -%}
{%- set is_log = origin == 'log' -%}
{%- set has_label = not (is_log and monitor.labels) -%}
select
    {{ sql_text(name) }},
    '{{ origin }}',
    cast({{ columns.id }} as {{ dbt.type_string() }}),
    cast({{ columns.get('entity') or 'null' }} as {{ dbt.type_string() }}),
    {{ local_timestamp(columns.predicted_at, monitor.time_zone) }},
    {% if is_log and columns.get('loaded_at') %}
    coalesce(
        {{ local_timestamp(columns.loaded_at, monitor.time_zone) }},
        {{ local_timestamp(columns.predicted_at, monitor.time_zone) }}
    ),
    {% else %}
    {{ local_timestamp(columns.predicted_at, monitor.time_zone) }},
    {% endif %}
    {{ "coalesce(cast(" ~ columns.model_version ~ ' as ' ~ dbt.type_string() ~ "), 'unknown')"
        if is_log else "'history'" }},
    {{ 'coalesce(cast(' ~ columns.is_shadow ~ ' as boolean), false)'
        if is_log and columns.get('is_shadow') else 'false' }},
    {{ number_or_null(columns.score) if is_log else 'null' }},
    {{ number_or_null(columns.label) if has_label else 'null' }},
    {{ local_timestamp(columns.labeled_at, monitor.time_zone)
        if has_label and columns.get('labeled_at')
        else local_timestamp(columns.predicted_at, monitor.time_zone) if has_label
        else 'null' }},
    {{ typed_array(column_names(monitor.numeric), type_double()) }},
    {{ typed_array(column_names(monitor.categorical), dbt.type_string()) }},
    {{ typed_array(monitor.segments.values(), dbt.type_string()) }}
from {{ configured_relation(monitor.inferences if is_log else monitor.history) }}
where {{ monitor.filter }}
{% endmacro %}
