{#- Numerator and denominator are SQL of one row, a number such as 1 too. -#}
{% macro validate_business_metrics(at, config) %}
    {% set metrics = config.get('business_metrics') or {} %}
    {% if metrics is not mapping %}
        {% do refuse(at ~ '.business_metrics', metrics,
            'a mapping of names to {numerator, denominator, direction}') %}
    {% endif %}
    {% for name, metric in metrics.items() %}
        {% set at_metric = at ~ '.business_metrics.' ~ name %}
        {% if name in taken_metric_names()
            or not modules.re.fullmatch('[a-z][a-z0-9_]{0,59}', name) %}
            {% do refuse(at_metric, name,
                'a lower-case name of letters, digits and _ that no built-in metric has') %}
        {% elif metric is not mapping %}
            {% do refuse(at_metric, metric, 'a mapping with numerator, denominator, direction') %}
        {% endif %}
        {% do validate_keys(at_metric, metric, required=['numerator', 'denominator', 'direction'],
            optional=['description', 'unit', 'horizon_days']) %}
        {% for side in ['numerator', 'denominator'] %}
            {% set expression = metric[side] %}
            {% if expression is boolean
                or (expression is not string and expression is not number) %}
                {% do refuse(at_metric ~ '.' ~ side, expression, 'an SQL expression') %}
            {% endif %}
        {% endfor %}
        {% if metric['direction'] not in ['higher', 'lower'] %}
            {% do refuse(at_metric ~ '.direction', metric['direction'], 'higher or lower') %}
        {% endif %}
        {% set horizon = metric.get('horizon_days', 0) %}
        {% if horizon is not integer or horizon is boolean or horizon < 0 %}
            {% do refuse(at_metric ~ '.horizon_days', horizon,
                'a whole number of days, 0 or more') %}
        {% endif %}
    {% endfor %}
{% endmacro %}


{#- What a metric of the user cannot be called: built-in metrics, and what rules and policies
    measure or mean by a name. -#}
{% macro taken_metric_names() %}
    {% set names = ['all', 'error_p50', 'error_p95', 'label_coverage', 'mean_error', 'primary',
        'psi', 'row_count'] %}
    {% for task in ['binary', 'multiclass', 'ranking', 'regression'] %}
        {% do names.extend(metric_names(task)) %}
    {% endfor %}
    {{ return(names) }}
{% endmacro %}


{#- What `primary_metric` may be: one of the task or, of a monitor that only watches, one of the
    user's. -#}
{% macro primary_metric_names(config) %}
    {% set business = config.get('business_metrics') or {} %}
    {{ return(metric_names(config['task'])
        + ([] if config.get('retrain') or business is not mapping else business | list)) }}
{% endmacro %}
