{#- A day before or after all others: the bound of a span that has none. -#}
{% macro never(side) -%}
cast('{{ '1000-01-01' if side == 'before' else '9999-12-30' }}' as date)
{%- endmacro %}
