{#- A number as text with three decimals, the same on every engine. -#}
{% macro number_text(value) -%}
coalesce(cast(cast({{ value }} as decimal(18, 3)) as varchar), 'unknown')
{%- endmacro %}
