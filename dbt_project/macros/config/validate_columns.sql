{% macro validate_columns(at, config) %}
    {% set columns = config['columns'] %}
    {% if columns is not mapping %}
        {% do refuse(at ~ '.columns', columns, 'a mapping of roles to columns') %}
    {% endif %}
    {% do validate_keys(at ~ '.columns', columns,
        required=['id', 'predicted_at', 'model_version', 'label'] + task_roles(config['task']),
        optional=['entity', 'loaded_at', 'labeled_at', 'is_shadow']) %}
    {% if config.get('labels') and not columns.get('labeled_at') %}
        {% do refuse(at ~ '.columns.labeled_at', 'nothing',
            'the column of labels that says when the label became known') %}
    {% endif %}
    {% if config['task'] == 'multiclass' %}
        {% set classes = columns['class_scores'] %}
        {% if classes is not mapping or classes | length < 2 %}
            {% do refuse(at ~ '.columns.class_scores', classes,
                'a mapping of at least two classes to the columns of their scores') %}
        {% endif %}
        {% for class_name in classes
            if class_name is not string and (class_name is not integer or class_name is boolean) %}
            {% do refuse(at ~ '.columns.class_scores', class_name,
                'classes as the label has them, in quotes') %}
        {% endfor %}
        {% for class_name, column in classes.items() if column is not string %}
            {% do refuse(at ~ '.columns.class_scores.' ~ class_name, column,
                'the name of a column') %}
        {% endfor %}
    {% endif %}
{% endmacro %}
