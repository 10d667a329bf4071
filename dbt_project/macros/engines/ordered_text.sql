{% macro ordered_text(value, order_by) %}
    {{ return(adapter.dispatch('ordered_text', 'driftline')(value, order_by)) }}
{% endmacro %}

{% macro default__ordered_text(value, order_by) -%}
string_agg({{ value }}, ',' order by {{ order_by }})
{%- endmacro %}

{% macro spark__ordered_text(value, order_by) -%}
listagg({{ value }}, ',') within group (order by {{ order_by }})
{%- endmacro %}
