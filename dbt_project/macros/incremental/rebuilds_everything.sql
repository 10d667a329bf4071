{#- Whether every day counts as changed: a full refresh was asked for, or a table that is kept by
    day is not there yet (a first build, or a model that is new in this release). -#}
{% macro rebuilds_everything() %}
    {% if not execute %}{{ return(false) }}{% endif %}
    {% if flags.FULL_REFRESH %}{{ return(true) }}{% endif %}
    {% for node in graph.nodes.values()
        if node.resource_type == 'model' and node.config.get('meta', {}).get('days') %}
        {% if adapter.get_relation(node.database, node.schema, node.alias) is none %}
            {{ return(true) }}
        {% endif %}
    {% endfor %}
    {{ return(false) }}
{% endmacro %}
