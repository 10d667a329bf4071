{% macro validate_keys(at, mapping, required, optional) %}
    {% for key in mapping if key not in required and key not in optional %}
        {% do refuse(at ~ '.' ~ key, 'unknown key',
            'one of ' ~ (required + optional) | sort | join(', ')) %}
    {% endfor %}
    {% for key in required if mapping.get(key) is none %}
        {% do refuse(at ~ '.' ~ key, 'nothing', 'a value (the key is required)') %}
    {% endfor %}
{% endmacro %}
