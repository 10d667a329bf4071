{#- A share as text in percent with one decimal, the same on every engine. -#}
{% macro percent_text(share) -%}
coalesce(
    cast({{ whole_number(share, 1000) }} * 0.1 as {{ dbt.type_string() }}) || ' %', 'unknown'
)
{%- endmacro %}
