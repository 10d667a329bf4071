{#- Creates, empty, every source table that Driftline itself writes and that is not there yet. The
    declaration in YAML is the only definition of these tables. -#}
{% macro create_job_tables() %}
    {% if execute and flags.WHICH in ['run', 'build', 'test', 'seed', 'run-operation'] %}
        {% for source in graph.sources.values() if source.config.meta.get('created_by_driftline') %}
            {% do run_query('create schema if not exists ' ~ source.schema) %}
            {% set columns = [] %}
            {% for column in source.columns.values() %}
                {% do columns.append(adapter.quote(column.name) ~ ' ' ~ column.data_type) %}
            {% endfor %}
            {% do run_query('create table if not exists ' ~ source.relation_name
                ~ ' (' ~ columns | join(', ') ~ ')') %}
            {#- A model of the same name must find it: dbt has listed the schema before this hook. -#}
            {% do adapter.cache_added(api.Relation.create(database=source.database,
                schema=source.schema, identifier=source.identifier, type='table')) %}
        {% endfor %}
    {% endif %}
{% endmacro %}
