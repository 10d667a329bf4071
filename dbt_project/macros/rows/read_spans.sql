{#- The span of a monitor in int_read_spans, as day_spans gives it. -#}
{% macro read_spans(relation, name) %}
    {% set read = {'as_of': none, 'spans': []} %}
    {% if execute and load_relation(relation) is not none %}
        {% set text = dbt.type_string() %}
        {% set found = run_query('select cast(first_day as ' ~ text ~ ') as first_day, cast(last_day as '
            ~ text ~ ') as last_day from ' ~ relation ~ ' where monitor = ' ~ sql_text(name)) %}
        {% for row in found.rows %}
            {% do read.spans.append({'first': as_date(row[0]), 'last': as_date(row[1])}) %}
            {% do read.update({'as_of': as_date(row[1])}) %}
        {% endfor %}
    {% endif %}
    {{ return(read) }}
{% endmacro %}
