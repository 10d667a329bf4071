{% macro validate_segments(at, config) %}
    {% set segments = config.get('segments') or {} %}
    {% if segments is not mapping %}
        {% do refuse(at ~ '.segments', segments, 'a mapping of names to SQL expressions') %}
    {% endif %}
    {% for name, expression in segments.items() %}
        {% if name == 'overall' or not modules.re.fullmatch('[a-z][a-z0-9_]{0,59}', name) %}
            {% do refuse(at ~ '.segments.' ~ name, name,
                'a lower-case name of letters, digits and _ other than overall') %}
        {% elif expression is not string %}
            {% do refuse(at ~ '.segments.' ~ name, expression, 'an SQL expression') %}
        {% endif %}
    {% endfor %}
    {% for name in config.get('protected') or [] if name not in segments %}
        {% do refuse(at ~ '.protected', name, 'names of segments') %}
    {% endfor %}
{% endmacro %}
