{#- The engine's name of a type that YAML declares, so that contracts and job tables are declared
    once. -#}
{% macro engine_type(declared) %}
    {{ return(adapter.dispatch('engine_type', 'driftline')(declared)) }}
{% endmacro %}

{% macro default__engine_type(declared) %}
    {{ return(declared) }}
{% endmacro %}

{% macro spark__engine_type(declared) %}
    {{ return({
        'varchar': 'string',
        'text': 'string',
        'double precision': type_double(),
        'timestamp': type_local_timestamp(),
    }.get(declared | lower, declared)) }}
{% endmacro %}


{#- What dbt compares a model with to enforce its contract, in Spark's types. -#}
{% macro spark__get_empty_schema_sql(columns) %}
    {% set typed = {} %}
    {% for name, column in columns.items() %}
        {% set given = dict(column) %}
        {% do given.update({'data_type': engine_type(column.data_type)}) %}
        {% do typed.update({name: given}) %}
    {% endfor %}
    {{ return(default__get_empty_schema_sql(typed)) }}
{% endmacro %}
