{#- The engine's type of a column of one relation of a monitor ('log', 'history' or 'labels'); text
    while dbt only parses, and where the engine does not tell. A relation is asked for once a model:
    the answer is kept with the settings, which monitors() makes anew for each. -#}
{% macro column_type(monitor, origin, column) %}
    {% set types = monitor.setdefault('column_types', {}) %}
    {% if execute and origin not in types %}
        {% set declared = monitor.inferences if origin == 'log' else monitor[origin] %}
        {% do types.update({origin: types_in(configured_relation(declared))}) %}
    {% endif %}
    {% set found = types.get(origin, {}) %}
    {% set name = bare_name(column) %}
    {{ return(found.get(name) or found.get(name | lower) or dbt.type_string()) }}
{% endmacro %}


{#- The types of a relation's columns, by their names and by these in lower case. -#}
{% macro types_in(relation) %}
    {% set types = {} %}
    {% if load_relation(relation) is not none %}
        {% for column in adapter.get_columns_in_relation(relation) %}
            {% do types.setdefault(column.name | lower, column.data_type) %}
            {% do types.update({column.name: column.data_type}) %}
        {% endfor %}
    {% endif %}
    {{ return(types) }}
{% endmacro %}
