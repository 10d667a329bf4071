{% macro validate_values(at, config) %}
    {% set horizon = config['label_horizon_days'] %}
    {% if horizon is not integer or horizon is boolean or horizon < 0 %}
        {% do refuse(at ~ '.label_horizon_days', horizon, 'a whole number of days, 0 or more') %}
    {% endif %}
    {% set threshold = config.get('decision_threshold', 0.5) %}
    {% if threshold is not number or threshold is boolean or not 0 < threshold < 1 %}
        {% do refuse(at ~ '.decision_threshold', threshold, 'a number between 0 and 1') %}
    {% endif %}
    {% if config.get('unlabeled_means', 'unknown') not in ['unknown', 'negative'] %}
        {% do refuse(at ~ '.unlabeled_means', config['unlabeled_means'], 'unknown or negative') %}
    {% endif %}
    {% if config.get('retrain', false) is not boolean %}
        {% do refuse(at ~ '.retrain', config['retrain'], 'true or false') %}
    {% elif config.get('retrain') and not config.get('requests') %}
        {% do refuse(
            at ~ '.requests', 'nothing', 'the relation to score, because retrain is true') %}
    {% endif %}
    {% set bins_version = config.get('bins_version', 1) %}
    {% if bins_version is not integer or bins_version is boolean or bins_version < 1 %}
        {% do refuse(at ~ '.bins_version', bins_version, 'a whole number, 1 or more') %}
    {% endif %}
    {% if config.get('fingerprint', 'counts') not in ['counts', 'content'] %}
        {% do refuse(at ~ '.fingerprint', config['fingerprint'], 'counts or content') %}
    {% endif %}
    {% for key in ['retention_days', 'look_back_days'] if config.get(key) is not none %}
        {% if config[key] is not integer or config[key] is boolean or config[key] < 1 %}
            {% do refuse(at ~ '.' ~ key, config[key], 'a whole number of days, 1 or more') %}
        {% elif config[key] < horizon %}
            {% do refuse(at ~ '.' ~ key, config[key], 'at least label_horizon_days (' ~ horizon
                ~ '), or late labels are never counted') %}
        {% endif %}
    {% endfor %}
    {% if not modules.re.fullmatch('[A-Za-z0-9_+/-]+', config['time_zone'] | string) %}
        {% do refuse(
            at ~ '.time_zone', config['time_zone'], 'an IANA name such as Europe/Berlin') %}
    {% endif %}
    {% set card = config.get('card') or {} %}
    {% do validate_keys(at ~ '.card', card, required=[],
        optional=['problem', 'intended_use', 'limitations', 'fairness', 'data_needed']) %}
{% endmacro %}
