{#- A configured column as the engine must see it: quoted, so that any name will do. -#}
{% macro column_name(name) -%}
{{ adapter.quote(name | replace('"', '')) }}
{%- endmacro %}
