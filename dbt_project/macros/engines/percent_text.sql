{#- A share as text in percent with one decimal. -#}
{% macro percent_text(share) -%}
coalesce(cast(cast(100 * ({{ share }}) as decimal(18, 1)) as varchar) || ' %', 'unknown')
{%- endmacro %}
