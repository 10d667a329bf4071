{#- What only some tasks have, and what is not built yet. -#}
{% macro validate_task(at, config) %}
    {% set task = config['task'] %}
    {% if task != 'binary' %}
        {% if 'decision_threshold' in config %}
            {% do refuse(at ~ '.decision_threshold', config['decision_threshold'],
                'nothing (only a binary task has a threshold)') %}
        {% endif %}
        {% if config.get('unlabeled_means', 'unknown') != 'unknown' %}
            {% do refuse(at ~ '.unlabeled_means', config['unlabeled_means'],
                'unknown (only a binary task has negatives)') %}
        {% endif %}
        {% if config.get('protected') %}
            {% do refuse(at ~ '.protected', config['protected'],
                'nothing (fairness is of binary tasks yet)') %}
        {% endif %}
        {% if config.get('retrain') %}
            {% do refuse(at ~ '.retrain', config['retrain'],
                'false (only binary models are retrained yet)') %}
        {% endif %}
    {% endif %}
    {% if task != 'ranking' and 'ranking_depth' in config %}
        {% do refuse(at ~ '.ranking_depth', config['ranking_depth'],
            'nothing (only a ranking has a depth)') %}
    {% endif %}
    {% set depth = config.get('ranking_depth', 10) %}
    {% if depth is not integer or depth is boolean or depth < 1 %}
        {% do refuse(at ~ '.ranking_depth', depth, 'a whole number, 1 or more') %}
    {% endif %}
{% endmacro %}


{#- The columns that a task needs, and does not: several classes have a score each. -#}
{% macro task_roles(task) %}
    {{ return({
        'multiclass': ['class_scores'], 'ranking': ['score', 'query'],
    }.get(task, ['score'])) }}
{% endmacro %}
