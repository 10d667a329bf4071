{#- The span of each monitor in int_read_spans, as day_spans gives it. -#}
{% macro read_spans(relation) %}
    {% set is_known = execute and load_relation(relation) is not none %}
    {% set reads = unread_monitors(is_known) %}
    {% if is_known %}
        {% set text = dbt.type_string() %}
        {% set found = run_query('select monitor, cast(first_day as ' ~ text ~ ') as first_day, '
            ~ 'cast(last_day as ' ~ text ~ ') as last_day from ' ~ relation) %}
        {% for row in found.rows if row[0] in reads %}
            {% do reads[row[0]].spans.append({'first': as_date(row[1]), 'last': as_date(row[2])}) %}
            {% do reads[row[0]].update({'as_of': as_date(row[2]), 'is_empty': false}) %}
        {% endfor %}
    {% endif %}
    {{ return(reads) }}
{% endmacro %}
