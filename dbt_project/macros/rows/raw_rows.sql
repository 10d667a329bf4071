{#- Rows of one relation of a monitor on the days of `spans` (all that `read`, of day_spans or
    read_spans, names), as a subquery with metric_date and the canonical columns that are asked for.
    Only what was loaded by the as-of day. -#}
{% macro raw_rows(name, monitor, origin, columns, read, spans=none) %}
{%- set canonical = canonical_columns(monitor, origin) -%}
{%- set asked = read.spans if spans is none else spans -%}
{%- set moment = monitor.columns.predicted_at -%}
{%- set near = near_spans(column_name(moment), column_type(monitor, origin, moment), asked) -%}
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
        and {{ in_spans(canonical.predicted_at, asked) | indent(8) }}
        {% if near %}
        and {{ near | indent(8) }}
        {% endif %}
        {% if canonical.loaded_at != canonical.predicted_at %}
        and {{ canonical.loaded_at }} < {{ end_of(read) }}
        {% endif %}
)
{%- endmacro %}
