{#- Before the first model: each monitor's expressions must mean something in its relations, else
    the build stops with nothing changed. The engine itself is the judge. -#}
{% macro check_relations() %}
    {% for monitor in monitors().values() if not execute %}
        {#- A model that dbt did not meet while it parsed cannot be named when it runs. -#}
        {% for declared in [monitor.inferences, monitor.history, monitor.labels] if declared %}
            {% do configured_relation(declared) %}
        {% endfor %}
    {% endfor %}
    {% if execute and flags.WHICH in ['run', 'build'] %}
        {% for name, monitor in monitors().items() %}
            {% set at = 'monitors.' ~ name %}
            {% do check_relation(at ~ '.inferences', monitor.inferences,
                log_columns(monitor) + monitor.numeric + monitor.categorical) %}
            {% do check_expressions(at, monitor, monitor.inferences) %}
            {% do check_business_metrics(at, monitor) %}
            {% if monitor.history %}
                {% do check_relation(at ~ '.history', monitor.history,
                    [monitor.columns.id, monitor.columns.predicted_at, monitor.columns.label]
                    + monitor.numeric + monitor.categorical) %}
                {% do check_expressions(at, monitor, monitor.history) %}
            {% endif %}
            {% if monitor.labels %}
                {% do check_relation(at ~ '.labels', monitor.labels,
                    [monitor.columns.id, monitor.columns.label, monitor.columns.labeled_at]) %}
            {% endif %}
        {% endfor %}
    {% endif %}
{% endmacro %}


{% macro log_columns(monitor) %}
    {% set names = [] %}
    {% for role, column in monitor.columns.items()
        if not (monitor.labels and role in ['label', 'labeled_at']) %}
        {% if role == 'class_scores' %}
            {% do names.extend(column.values()) %}
        {% else %}
            {% do names.append(column) %}
        {% endif %}
    {% endfor %}
    {{ return(names) }}
{% endmacro %}


{% macro check_relation(key, declared, needed) %}
    {% set relation = configured_relation(declared) %}
    {% set found = adapter.get_relation(relation.database, relation.schema, relation.identifier) %}
    {% if 'source' in declared and found is none %}
        {% do refuse(key, relation, 'a table or view that exists') %}
    {% elif found is not none %}
        {% set present = adapter.get_columns_in_relation(found) | map(attribute='name')
            | map('lower') | list %}
        {% for column in needed if bare_name(column) | lower not in present %}
            {% do refuse(key, 'no column ' ~ column ~ ' in ' ~ relation,
                'one of ' ~ present | join(', ')) %}
        {% endfor %}
    {% endif %}
{% endmacro %}


{#- First whether each expression is SQL at all, then whether it means something in the
    relation. -#}
{% macro check_expressions(at, monitor, declared) %}
    {% set relation = configured_relation(declared) %}
    {% set expressions = {at ~ '.filter': monitor.filter} %}
    {% for name, expression in monitor.segments.items() %}
        {% do expressions.update({at ~ '.segments.' ~ name: expression}) %}
    {% endfor %}
    {% do check_sql(expressions, relation) %}
{% endmacro %}


{#- Business metrics need the columns of the log alone. -#}
{% macro check_business_metrics(at, monitor) %}
    {% set expressions = {} %}
    {% for name, metric in monitor.business_metrics.items() %}
        {% for side in ['numerator', 'denominator'] %}
            {% set key = at ~ '.business_metrics.' ~ name ~ '.' ~ side %}
            {% do expressions.update({key: metric[side]}) %}
        {% endfor %}
    {% endfor %}
    {% do check_sql(expressions, configured_relation(monitor.inferences)) %}
{% endmacro %}


{% macro check_sql(expressions, relation) %}
    {% for key, expression in expressions.items() %}
        {% set problem = syntax_problem(expression) %}
        {% if problem %}
            {% do refuse(key, expression ~ ' (' ~ problem ~ ')', 'an SQL expression') %}
        {% endif %}
        {% if adapter.get_relation(relation.database, relation.schema, relation.identifier) %}
            {% do run_query('select ' ~ expression ~ ' as ' ~ adapter.quote(key)
                ~ ' from ' ~ relation ~ ' limit 0') %}
        {% endif %}
    {% endfor %}
{% endmacro %}
