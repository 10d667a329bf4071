{#- The rows of raw_rows, each (day, id, version) once. Days without a repeated row pass as they
    are; on the others what int_repeated_rows holds stands for the rows of ids that came more than
    once. -#}
{% macro single_rows(name, monitor, origin, columns, read) %}
{%- if read.repeated -%}
{%- set asked = ['row_id', 'model_version'] -%}
{%- for column in columns if column not in asked %}{% do asked.append(column) %}{% endfor -%}
{%- set type_of_id = id_type(monitor, origin) -%}
{%- set of_relation -%}
repeated.monitor = {{ sql_text(name) }} and repeated.origin = {{ sql_text(origin) }}
{%- endset -%}
(
    {% if read.single %}
    select metric_date, {{ asked | join(', ') }}
    from {{ raw_rows(name, monitor, origin, asked, read, read.single) }} as rows_of_single_days
    union all
    {% endif %}
    select metric_date, {{ asked | join(', ') }}
    from {{ raw_rows(name, monitor, origin, asked, read, read.repeated) }} as rows_found
    where not exists (
        select 1
        from {{ ref('int_repeated_rows') }} as repeated
        where
            {{ of_relation }}
            and repeated.metric_date = rows_found.metric_date
            and cast(repeated.inference_id as {{ type_of_id }}) = rows_found.row_id
            and repeated.model_version = rows_found.model_version
    )
    union all
    select
        repeated.metric_date,
        cast(repeated.inference_id as {{ type_of_id }}),
        repeated.model_version
        {%- for column in asked if column not in ['row_id', 'model_version'] %},
        {{ repeated_column(column) }}
        {%- endfor %}
    from {{ ref('int_repeated_rows') }} as repeated
    where
        {{ of_relation }}
        and {{ in_spans('repeated.metric_date', read.repeated, is_date=true) | indent(8) }}
)
{%- else -%}
{{ raw_rows(name, monitor, origin, columns, read) }}
{%- endif -%}
{%- endmacro %}


{#- A canonical column as int_repeated_rows holds it. -#}
{% macro repeated_column(column) -%}
{%- set parts = column.split('_') -%}
{%- set arrays = {
    'numeric': 'numeric_values', 'categorical': 'categorical_values', 'segments': 'segment_values',
    'classes': 'class_values', 'numerators': 'business_numerators',
    'denominators': 'business_denominators',
} -%}
{%- if parts[0] in arrays -%}
{{ element_of('repeated.' ~ arrays[parts[0]], parts[1]) }}
{%- else -%}
repeated.{{ column }}
{%- endif -%}
{%- endmacro %}
