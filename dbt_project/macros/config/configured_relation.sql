{% macro configured_relation(declared) %}
    {% if 'source' in declared %}
        {{ return(source(declared['source'][0], declared['source'][1])) }}
    {% else %}
        {{ return(ref(declared['ref'])) }}
    {% endif %}
{% endmacro %}
