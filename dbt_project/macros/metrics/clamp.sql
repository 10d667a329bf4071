{% macro clamp(value, lowest, highest) -%}
greatest(least({{ value }}, coalesce({{ highest }}, 0)), coalesce({{ lowest }}, 0))
{%- endmacro %}
