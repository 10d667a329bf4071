{% macro validate_features(at, features) %}
    {% set kinds = ['numeric', 'categorical'] %}
    {% if features is not mapping %}
        {% do refuse(at, features, '{numeric: [column, ...], categorical: [column, ...]}') %}
    {% endif %}
    {% do validate_keys(at, features, required=[], optional=kinds) %}
    {% set seen = [] %}
    {% for kind in kinds %}
        {% for feature in features.get(kind) or [] %}
            {% if feature is not string %}
                {% do refuse(at ~ '.' ~ kind, feature, 'names of columns') %}
            {% elif feature in seen %}
                {% do refuse(at ~ '.' ~ kind, feature ~ ' twice', 'each feature once') %}
            {% endif %}
            {% do seen.append(feature) %}
        {% endfor %}
    {% endfor %}
    {% if not seen %}{% do refuse(at, 'no feature', 'at least one feature') %}{% endif %}
{% endmacro %}
