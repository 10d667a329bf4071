{#- Groups by the keys for all rows and, in the same scan, by the keys and each segment in turn. -#}
{% macro segment_grouping(monitor, keys, with_all=true) -%}
grouping sets (
    {%- if with_all %}
    ({{ keys | join(', ') }}){{ ',' if monitor.segments }}
    {%- endif %}
    {%- for segment in columns_of(monitor, 'segments') %}
    ({{ keys | join(', ') }}, {{ segment }}){{ ',' if not loop.last }}
    {%- endfor %}
)
{%- endmacro %}


{#- Groups by the keys and each column in turn, in one scan. -#}
{% macro grouping_by_each(keys, columns) -%}
grouping sets (
    {%- for column in columns %}
    ({{ keys | join(', ') }}, {{ column }}){{ ',' if not loop.last }}
    {%- endfor %}
)
{%- endmacro %}


{#- Which segment a row of segment_grouping is of. -#}
{% macro grouped_segment_name(monitor) -%}
{%- if monitor.segments -%}
case
    {% for name in monitor.segments %}
    when grouping(segments_{{ loop.index }}) = 0 then {{ sql_text(name) }}
    {% endfor %}
    else 'overall'
end
{%- else -%}
'overall'
{%- endif -%}
{%- endmacro %}


{#- And of which value of it; rows without one are `unknown`. -#}
{% macro grouped_segment_value(monitor) -%}
{%- if monitor.segments -%}
case
    {% for name in monitor.segments %}
    when grouping(segments_{{ loop.index }}) = 0
        then coalesce(segments_{{ loop.index }}, 'unknown')
    {% endfor %}
    else 'all'
end
{%- else -%}
'all'
{%- endif -%}
{%- endmacro %}
