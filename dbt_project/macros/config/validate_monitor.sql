{#- Stops parsing with one line that names the key, what was found and what is allowed.
    The command line checks the same rules (jobs/config); both read vars.yml. -#}
{% macro validate_monitor(name, config) %}
    {% set at = 'monitors.' ~ name %}
    {% if not modules.re.fullmatch('[a-z][a-z0-9_]{0,59}', name) %}
        {% do refuse(at, name, 'a lower-case name of letters, digits and _ (at most 60)') %}
    {% endif %}
    {% if config is not mapping %}{% do refuse(at, config, 'a mapping of keys') %}{% endif %}
    {% do validate_keys(at, config,
        required=[
            'description', 'owner', 'task', 'inferences', 'columns', 'time_zone',
            'label_horizon_days', 'features', 'primary_metric',
        ],
        optional=[
            'labels', 'history', 'requests', 'filter', 'unlabeled_means', 'decision_threshold',
            'segments', 'protected', 'business_metrics', 'retrain', 'bins_version', 'fingerprint',
            'retention_days', 'look_back_days', 'card',
        ]) %}
    {% if config['task'] not in ['binary', 'regression'] %}
        {% do refuse(at ~ '.task', config['task'],
            'binary or regression (multiclass and ranking are not built yet)') %}
    {% endif %}
    {% if config['primary_metric'] not in metric_names(config['task']) %}
        {% do refuse(at ~ '.primary_metric', config['primary_metric'],
            'one of ' ~ metric_names(config['task']) | join(', ')) %}
    {% endif %}
    {% for key in ['inferences', 'labels', 'history', 'requests'] if key in config %}
        {% do validate_relation(at ~ '.' ~ key, config[key]) %}
    {% endfor %}
    {% do validate_columns(at, config) %}
    {% do validate_features(at ~ '.features', config['features']) %}
    {% do validate_segments(at, config) %}
    {% do validate_values(at, config) %}
    {% if config['task'] == 'regression' %}{% do validate_regression(at, config) %}{% endif %}
{% endmacro %}


{#- What only tasks with classes have, and what is not built yet. -#}
{% macro validate_regression(at, config) %}
    {% if 'decision_threshold' in config %}
        {% do refuse(at ~ '.decision_threshold', config['decision_threshold'],
            'nothing (a regression decides nothing)') %}
    {% endif %}
    {% if config.get('unlabeled_means', 'unknown') != 'unknown' %}
        {% do refuse(at ~ '.unlabeled_means', config['unlabeled_means'],
            'unknown (a regression has no negatives)') %}
    {% endif %}
    {% if config.get('retrain') %}
        {% do refuse(at ~ '.retrain', config['retrain'],
            'false (regressions are watched; retraining them is not built yet)') %}
    {% endif %}
{% endmacro %}
