{% macro select_columns(relation, columns) -%}
{% for column in columns %}{{ relation }}.{{ column }}{{ ', ' if not loop.last }}{% endfor %}
{%- endmacro %}
