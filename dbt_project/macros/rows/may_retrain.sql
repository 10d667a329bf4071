{#- Whether a monitor may retrain. Names are literals, so that no other log is opened. -#}
{% macro may_retrain(monitor) %}
    {% set names = [] %}
    {% for name, settings in monitors().items() if settings.retrain %}
        {% do names.append(sql_text(name)) %}
    {% endfor %}
    {{ return(monitor ~ ' in (' ~ names | join(', ') ~ ')' if names else 'false') }}
{% endmacro %}
