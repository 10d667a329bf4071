{#- Creates, empty, every source table that Driftline itself writes and that is not there yet. The
    declaration in YAML is the only definition of these tables. -#}
{% macro create_job_tables() %}
    {% if execute and flags.WHICH in ['run', 'build', 'test', 'seed', 'run-operation'] %}
        {% for source in graph.sources.values() if source.config.meta.get('created_by_driftline') %}
            {% do run_query('create schema if not exists ' ~ source.schema) %}
            {% do run_query(create_job_table(
                source.relation_name, source.columns.values() | list, job_table_partition(source)
            )) %}
            {#- A model of the same name must find it: dbt listed the schema before this hook. -#}
            {% do adapter.cache_added(api.Relation.create(database=source.database,
                schema=source.schema, identifier=source.identifier, type='table')) %}
        {% endfor %}
    {% endif %}
{% endmacro %}
