{#- The monitors of vars.yml with defaults filled in; a broken configuration stops parsing here. -#}
{% macro monitors() %}
    {% set configured = var('monitors', {}) or {} %}
    {% set complete = {} %}
    {% for name, config in configured.items() %}
        {% do validate_monitor(name, config) %}
        {% set features = config['features'] %}
        {% set columns = config['columns'] %}
        {% do complete.update({
            name: {
                'description': config['description'],
                'owner': config['owner'],
                'task': config['task'],
                'inferences': config['inferences'],
                'labels': config.get('labels'),
                'history': config.get('history'),
                'filter': config.get('filter', 'true'),
                'columns': columns,
                'classes': columns.get('class_scores') or {},
                'ranking_depth': config.get('ranking_depth', 10),
                'time_zone': config['time_zone'],
                'label_horizon_days': config['label_horizon_days'],
                'unlabeled_means': config.get('unlabeled_means', 'unknown'),
                'decision_threshold': config.get('decision_threshold', 0.5),
                'numeric': features.get('numeric') or [],
                'categorical': features.get('categorical') or [],
                'segments': config.get('segments') or {},
                'protected': config.get('protected') or [],
                'primary_metric': config['primary_metric'],
                'retrain': config.get('retrain', false),
                'bins_version': config.get('bins_version', 1),
                'fingerprint': config.get('fingerprint', 'counts'),
                'retention_days': config.get('retention_days'),
                'look_back_days': config.get('look_back_days'),
                'card': config.get('card') or {},
            }
        }) %}
    {% endfor %}
    {{ return(complete) }}
{% endmacro %}
