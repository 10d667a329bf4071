{#- Rows of one relation of a monitor on the days of `spans`, as a subquery with metric_date and the
    canonical columns that are asked for. Only what was loaded by the as-of day. -#}
{% macro raw_rows(name, monitor, origin, columns, spans) %}
{%- set canonical = canonical_columns(monitor, origin) -%}
(
    select
        {% for column in columns %}
        {{ canonical[column] }} as {{ column }},
        {% endfor %}
        cast({{ canonical.predicted_at }} as date) as metric_date
    from {{ configured_relation(row_origins(monitor)[origin]) }}
    where
        ({{ monitor.filter }})
        and {{ canonical.row_id }} is not null
        and {{ in_spans(canonical.predicted_at, spans) | indent(8) }}
        {% if canonical.loaded_at != canonical.predicted_at %}
        and {{ canonical.loaded_at }} < (
            select {{ day_start(add_days('max(as_of)', 1)) }}
            from {{ ref('int_as_of') }}
            where monitor = {{ sql_text(name) }}
        )
        {% endif %}
)
{%- endmacro %}
