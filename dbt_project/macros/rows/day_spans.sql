{#- The days in `days` (a relation with monitor and metric_date) that a model reads, by monitor as
    {as_of, last_whole_day, spans, repeated, single, is_empty}: all days and, where
    int_repeated_rows is given, those that hold a repeated row and those that do not, each as spans
    without a gap, [{first, last}, ...]. They stand in the SQL as literals: a bound that the planner
    knows lets it skip what lies outside, in each of the many scans of a wide log. A monitor that
    is_empty is left out of the SQL: planning the scans of a hundred monitors takes longer than
    reading the days of the one that changed. -#}
{% macro day_spans(days, repeated_rows=none) %}
    {% set as_of = ref('int_as_of') %}
    {% set is_known = execute and load_relation(days) is not none %}
    {% set reads = unread_monitors(is_known) %}
    {% if is_known %}
        {% set text = dbt.type_string() %}
        {% set found = run_query(
            'select days.monitor, cast(days.metric_date as ' ~ text ~ ') as metric_date, '
            ~ 'max(cast(as_of.as_of as ' ~ text ~ ')) as as_of, '
            ~ 'max(cast(as_of.last_whole_day as ' ~ text ~ ')) as last_whole_day, '
            ~ 'count(' ~ ('repeated.monitor' if repeated_rows else 'null') ~ ') as repeated_rows '
            ~ 'from ' ~ days ~ ' as days inner join ' ~ as_of ~ ' as as_of '
            ~ 'on days.monitor = as_of.monitor '
            ~ ('left join ' ~ repeated_rows ~ ' as repeated on days.monitor = repeated.monitor '
                ~ 'and days.metric_date = repeated.metric_date ' if repeated_rows else '')
            ~ 'group by days.monitor, days.metric_date order by days.monitor, days.metric_date') %}
        {% for row in found.rows if row[0] in reads %}
            {% set read = reads[row[0]] %}
            {% set day = as_date(row[1]) %}
            {% do read.update({'as_of': as_date(row[2]), 'last_whole_day': as_date(row[3]),
                'is_empty': false}) %}
            {% do add_to_spans(read.spans, day) %}
            {% do add_to_spans(read.repeated if row[4] else read.single, day) %}
        {% endfor %}
        {#- Where repeated rows are all over the days, telling them apart costs more than it
            spares. -#}
        {% for read in reads.values() if read.repeated | length > 8 %}
            {% do read.update({'repeated': read.spans, 'single': []}) %}
        {% endfor %}
    {% endif %}
    {{ return(reads) }}
{% endmacro %}


{#- Every monitor with no day to read. While dbt only parses, or compiles without a warehouse, it is
    not known that there is none: all SQL is there, so that what it refers to is found. -#}
{% macro unread_monitors(is_known) %}
    {% set reads = {} %}
    {% for name in var('monitors', {}) or {} %}
        {% do reads.update({name: {
            'as_of': none, 'last_whole_day': none, 'spans': [], 'repeated': [], 'single': [],
            'is_empty': is_known}}) %}
    {% endfor %}
    {{ return(reads) }}
{% endmacro %}


{#- Lengthens the last span by a day that follows it, or begins another. -#}
{% macro add_to_spans(spans, day) %}
    {% if spans and (day - spans[-1].last).days == 1 %}
        {% do spans[-1].update({'last': day}) %}
    {% else %}
        {% do spans.append({'first': day, 'last': day}) %}
    {% endif %}
{% endmacro %}


{#- A date of a query's answer, which engines give as a date, a time or a text. -#}
{% macro as_date(value) %}
    {{ return(modules.datetime.date.fromisoformat((value | string)[:10])) }}
{% endmacro %}


{#- Whether a timestamp (or, with is_date, a date) lies in one of the spans. -#}
{% macro in_spans(value, spans, is_date=false) -%}
{%- if not spans -%}
false
{%- else -%}
{{ value }} >= {{ span_bound(spans[0].first, 0, is_date) }}
and {{ value }} < {{ span_bound(spans[-1].last, 1, is_date) }}
{%- if spans | length > 1 %}
and {{ in_one_of_spans(value, spans, is_date) }}
{%- endif %}
{%- endif %}
{%- endmacro %}


{#- Whether a row of a relation of all monitors lies on one of the days of `reads`. -#}
{% macro in_days_of(relation, reads) -%}
{%- set parts = [] -%}
{%- for name, read in reads.items() if not read.is_empty -%}
{%- do parts.append('(' ~ relation ~ '.monitor = ' ~ sql_text(name) ~ '\n    and '
    ~ in_spans(relation ~ '.metric_date', read.spans, is_date=true) ~ ')') -%}
{%- endfor -%}
({{ parts | join('\nor ') if parts else 'false' }})
{%- endmacro %}


{% macro span_bound(day, days_later, is_date) -%}
{%- set literal = date_literal(day + modules.datetime.timedelta(days=days_later)) -%}
{{ literal if is_date else day_start(literal) }}
{%- endmacro %}


{#- The moment that ends the as-of day of what day_spans or read_spans gave. -#}
{% macro end_of(read) -%}
{{ day_start(add_days(date_literal(read.as_of), 1)) }}
{%- endmacro %}


{#- A day as a literal; of no day (while dbt only parses) the null. -#}
{% macro date_literal(day) -%}
cast({{ "'" ~ day ~ "'" if day else 'null' }} as date)
{%- endmacro %}
