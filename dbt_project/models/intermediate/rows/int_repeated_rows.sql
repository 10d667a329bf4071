{{ config(materialized='incremental', incremental_strategy='changed_days', full_refresh=false,
    meta={'days': 'int_changed_days'}) }}
{#- For each id that a day holds more than once for one version, the row that counts: the one loaded
    last (then content decides). Only these few rows are ever ranked. -#}
{%- set reads = day_spans(ref('int_repeated_days')) -%}
{%- set types = [
    ('monitor', dbt.type_string()), ('origin', dbt.type_string()), ('metric_date', 'date'),
    ('inference_id', dbt.type_string()), ('model_version', dbt.type_string()),
    ('is_shadow', 'boolean'), ('predicted_at', type_local_timestamp()),
    ('loaded_at', type_local_timestamp()), ('score', type_double()),
    ('logged_label', type_double()), ('logged_labeled_at', type_local_timestamp()),
    ('numeric_values', array_type(type_double())),
    ('categorical_values', array_type(dbt.type_string())),
    ('segment_values', array_type(dbt.type_string())), ('row_count', 'bigint'),
    ('class_values', array_type(type_double())), ('query_id', dbt.type_string()),
    ('business_numerators', array_type(type_double())),
    ('business_denominators', array_type(type_double())),
] -%}
with

repeated as (
    select
        {% for column, column_type in types %}
        cast(null as {{ column_type }}) as {{ column }}{{ ',' if not loop.last }}
        {% endfor %}
    where false
    {% for name, monitor in monitors().items() if not reads[name].is_empty %}
    {% set read = reads[name] %}
    {% for origin in row_origins(monitor) %}
    {% set numeric = columns_of(monitor, 'numeric') %}
    {% set categorical = columns_of(monitor, 'categorical') %}
    {% set segments = columns_of(monitor, 'segments') %}
    {% set classes = columns_of(monitor, 'classes') %}
    {% set contents = numeric + categorical + segments + task_columns(monitor)
        + business_columns(monitor) %}
    union all
    select
        {{ sql_text(name) }},
        '{{ origin }}',
        metric_date,
        cast(row_id as {{ dbt.type_string() }}),
        model_version,
        is_shadow,
        predicted_at,
        loaded_at,
        score,
        logged_label,
        logged_labeled_at,
        {{ typed_array(numeric, type_double()) }},
        {{ typed_array(categorical, dbt.type_string()) }},
        {{ typed_array(segments, dbt.type_string()) }},
        row_count,
        {{ typed_array(classes, type_double()) }},
        {{ 'query_id' if monitor.task == 'ranking' else 'null' }},
        {{ typed_array(columns_of(monitor, 'numerators'), type_double()) }},
        {{ typed_array(columns_of(monitor, 'denominators'), type_double()) }}
    from (
        select
            rows_found.*,
            row_number() over (
                partition by rows_found.metric_date, rows_found.row_id, rows_found.model_version
                order by {{ last_loaded_first(contents) | indent(20) }}
            ) as recency,
            twice.row_count
        from {{ raw_rows(name, monitor, origin, ['row_id', 'model_version', 'is_shadow',
            'predicted_at', 'loaded_at', 'score', 'logged_label', 'logged_labeled_at']
            + contents, read) }} as rows_found
        inner join (
            select metric_date, row_id, model_version, count(*) as row_count
            from {{ raw_rows(name, monitor, origin, ['row_id', 'model_version'], read) }} as ids
            group by metric_date, row_id, model_version
            having count(*) > 1
        ) as twice
            on
                rows_found.metric_date = twice.metric_date
                and rows_found.row_id = twice.row_id
                and rows_found.model_version = twice.model_version
    ) as ranked
    where recency = 1
    {% endfor %}
    {% endfor %}
)

select * from repeated
