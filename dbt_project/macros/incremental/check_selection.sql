{#- Refuses a run that would build a model kept by day without all that finds and feeds its days:
    what is left out is as the last build left it, for other days, and the model would hold rows of
    some days twice and of others not at all, with nothing to tell. -#}
{% macro check_selection() %}
    {% if execute and flags.WHICH in ['build', 'run'] %}
        {% for node in graph.nodes.values() | sort(attribute='name')
            if node.unique_id in selected_resources and node.config.get('meta', {}).get('days') %}
            {% for parent in models_above(node) if parent not in selected_resources %}
                {{ exceptions.raise_compiler_error(
                    node.name ~ " is kept by day, and the selection leaves out "
                    ~ parent.split('.')[-1] ~ ", which its days rest on: expected its parents too "
                    ~ "(dbt build --select +" ~ node.name ~ ")") }}
            {% endfor %}
        {% endfor %}
    {% endif %}
{% endmacro %}


{#- The models of ours that a node rests on, at whatever distance, by unique id. A team's own
    models, which logs may be, are raw data to us and built when the team wants. -#}
{% macro models_above(node) %}
    {% set found = [] %}
    {% set pending = [node] %}
    {% for _ in graph.nodes if pending %}
        {% set parents = pending.pop().depends_on.nodes %}
        {% for parent in parents if parent.startswith('model.driftline.')
            and parent not in found
            and graph.nodes[parent].fqn[1] in ['staging', 'intermediate', 'marts'] %}
            {% do found.append(parent) %}
            {% do pending.append(graph.nodes[parent]) %}
        {% endfor %}
    {% endfor %}
    {{ return(found | sort) }}
{% endmacro %}
