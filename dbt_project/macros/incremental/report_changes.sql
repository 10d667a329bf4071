{#- Says after a build how many days it counted and built, and why: a change of the configuration that
    rebuilds a whole monitor must not pass in silence. Reads only. -#}
{% macro report_changes() %}
    {% set relation = adapter.get_relation(target.database, target.schema ~ '_internal', 'int_affected_days') %}
    {% if execute and flags.WHICH in ['run', 'build'] and relation is not none %}
        {% set found = run_query(
            'select monitor, change_kind, count(*) as days from ' ~ relation
            ~ ' group by monitor, change_kind order by monitor, change_kind') %}
        {% for row in found.rows %}
            {% do log('driftline: ' ~ row[0] ~ ': marts of ' ~ row[2] ~ ' days built (' ~ row[1] ~ ')', info=true) %}
        {% endfor %}
        {% if not found.rows %}
            {% do log('driftline: no day changed', info=true) %}
        {% endif %}
    {% endif %}
{% endmacro %}
