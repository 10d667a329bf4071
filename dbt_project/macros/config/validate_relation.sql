{% macro validate_relation(at, declared) %}
    {% set allowed = '{source: [source_name, table]} or {ref: model}' %}
    {% if declared is not mapping or declared | length != 1 %}
        {% do refuse(at, declared, allowed) %}
    {% elif 'source' in declared %}
        {% if declared['source'] is string or declared['source'] | length != 2 %}
            {% do refuse(at, declared, allowed) %}
        {% endif %}
    {% elif 'ref' not in declared or declared['ref'] is not string %}
        {% do refuse(at, declared, allowed) %}
    {% endif %}
{% endmacro %}
