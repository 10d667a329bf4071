{% macro sql_text(value) -%}
'{{ value | string | replace("'", "''") }}'
{%- endmacro %}
