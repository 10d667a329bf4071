{#- The span of a monitor in int_read_spans, as day_spans gives it. -#}
{% macro read_spans(relation, name) %}
    {% set spans = [] %}
    {% if execute and load_relation(relation) is not none %}
        {% set text = dbt.type_string() %}
        {% set found = run_query('select cast(first_day as ' ~ text ~ ') as first_day, cast(last_day as '
            ~ text ~ ') as last_day from ' ~ relation ~ ' where monitor = ' ~ sql_text(name)) %}
        {% for row in found.rows %}
            {% do spans.append({
                'first': modules.datetime.date.fromisoformat((row[0] | string)[:10]),
                'last': modules.datetime.date.fromisoformat((row[1] | string)[:10]),
            }) %}
        {% endfor %}
    {% endif %}
    {{ return(spans) }}
{% endmacro %}
