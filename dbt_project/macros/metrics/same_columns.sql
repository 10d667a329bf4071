{#- The join condition that two relations agree in the columns. -#}
{% macro same_columns(left, right, columns) -%}
{%- for column in columns -%}
{{ ' and ' if not loop.first }}{{ left }}.{{ column }} = {{ right }}.{{ column }}
{%- endfor -%}
{%- endmacro %}
