{#- The monitors of vars.yml with defaults filled in; a broken configuration stops parsing here. -#}
{% macro monitors() %}
    {% set configured = var('monitors', {}) or {} %}
    {% set complete = {} %}
    {% for name, config in configured.items() %}
        {% do validate_monitor(name, config) %}
        {% set features = config['features'] %}
        {% set columns = config['columns'] %}
        {% set business = business_metrics(config) %}
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
                'business_metrics': business,
                'numerators': business.values() | map(attribute='numerator') | list,
                'denominators': business.values() | map(attribute='denominator') | list,
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


{#- The business metrics of a monitor with their defaults, by name in the order of the file. -#}
{% macro business_metrics(config) %}
    {% set complete = {} %}
    {% for name, metric in (config.get('business_metrics') or {}).items() %}
        {% do complete.update({name: {
            'numerator': metric['numerator'] | string,
            'denominator': metric['denominator'] | string,
            'direction': metric['direction'],
            'horizon_days': metric.get('horizon_days', 0),
            'unit': metric.get('unit', 'per unit of the denominator'),
            'description': metric.get('description', metric['numerator'] ~ ' per '
                ~ metric['denominator']),
        }}) %}
    {% endfor %}
    {{ return(complete) }}
{% endmacro %}


{#- What a business metric is a ratio of, as one hash: days that were counted for another ratio of
    the same name, and are sealed, have no part in it. -#}
{% macro business_definition(metric) %}
    {{ return(local_md5(tojson([metric.numerator, metric.denominator]))) }}
{% endmacro %}
