{#- The engine's type of a column of a declared relation; text while dbt only parses. -#}
{% macro column_type(declared, column) %}
    {% if execute %}
        {% for found in adapter.get_columns_in_relation(configured_relation(declared))
            if found.name | lower == column | replace('"', '') | lower %}
            {{ return(found.data_type) }}
        {% endfor %}
    {% endif %}
    {{ return(dbt.type_string()) }}
{% endmacro %}
