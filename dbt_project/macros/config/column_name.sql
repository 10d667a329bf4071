{#- A configured column as the engine must see it: quoted, so that any name will do. -#}
{% macro column_name(name) -%}
{{ adapter.quote(bare_name(name)) }}
{%- endmacro %}


{% macro bare_name(name) %}
    {{ return(name | replace('"', '') | replace('`', '')) }}
{% endmacro %}
