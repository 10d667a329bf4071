{#- Says after a build how many days it built for each monitor, and why: a change of the
    configuration that rebuilds a whole monitor must not pass in silence. Reads only. -#}
{% macro report_changes() %}
    {% set built = (results or []) | selectattr('status', 'equalto', 'success')
        | map(attribute='node.name') | list %}
    {% if execute and 'int_affected_days' in built %}
        {% set found = run_query(
            'select monitor, change_kind, count(*) as days from '
            ~ api.Relation.create(database=target.database, schema=target.schema ~ '_internal',
                identifier='int_affected_days')
            ~ ' group by monitor, change_kind order by monitor, change_kind') %}
        {% for row in found.rows %}
            {% do log(
                row[0] ~ ': marts of ' ~ row[2] ~ ' days built (' ~ row[1] ~ ')', info=true) %}
        {% else %}
            {% do log('no day changed', info=true) %}
        {% endfor %}
    {% endif %}
{% endmacro %}
