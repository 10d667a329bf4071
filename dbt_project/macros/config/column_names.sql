{% macro column_names(names) %}
    {% set quoted = [] %}
    {% for name in names %}{% do quoted.append(column_name(name)) %}{% endfor %}
    {{ return(quoted) }}
{% endmacro %}
