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
            'retention_days', 'look_back_days', 'card', 'ranking_depth',
        ]) %}
    {% if config['task'] not in ['binary', 'multiclass', 'ranking', 'regression'] %}
        {% do refuse(at ~ '.task', config['task'],
            'one of binary, multiclass, ranking, regression') %}
    {% endif %}
    {% if config['primary_metric'] not in primary_metric_names(config) %}
        {% do refuse(at ~ '.primary_metric', config['primary_metric'],
            'one of ' ~ primary_metric_names(config) | join(', ')) %}
    {% endif %}
    {% for key in ['inferences', 'labels', 'history', 'requests'] if key in config %}
        {% do validate_relation(at ~ '.' ~ key, config[key]) %}
    {% endfor %}
    {% do validate_columns(at, config) %}
    {% do validate_features(at ~ '.features', config['features']) %}
    {% do validate_segments(at, config) %}
    {% do validate_business_metrics(at, config) %}
    {% do validate_values(at, config) %}
    {% do validate_task(at, config) %}
{% endmacro %}
