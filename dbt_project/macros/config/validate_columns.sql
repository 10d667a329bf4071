{% macro validate_columns(at, config) %}
    {% set columns = config['columns'] %}
    {% if columns is not mapping %}
        {% do refuse(at ~ '.columns', columns, 'a mapping of roles to columns') %}
    {% endif %}
    {% do validate_keys(at ~ '.columns', columns,
        required=['id', 'predicted_at', 'model_version', 'score', 'label'],
        optional=['entity', 'loaded_at', 'labeled_at', 'is_shadow']) %}
    {% if config.get('labels') and not columns.get('labeled_at') %}
        {% do refuse(at ~ '.columns.labeled_at', 'nothing',
            'the column of labels that says when the label became known') %}
    {% endif %}
{% endmacro %}
