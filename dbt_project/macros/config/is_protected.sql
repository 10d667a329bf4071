{#- Whether a row of a relation is of a segment that a monitor lists in `protected`; of the tasks
    that have rates of true and false positives. Names stand as literals: PostgreSQL drops a view
    together with what it rests on, so a public view rests on tables that no build replaces. -#}
{% macro is_protected(relation) -%}
{%- set parts = [] -%}
{%- for name, monitor in monitors().items() if monitor.protected and monitor.task == 'binary' -%}
{%- set segments = [] -%}
{%- for segment in monitor.protected -%}{%- do segments.append(sql_text(segment)) -%}{%- endfor -%}
{%- do parts.append('(' ~ relation ~ '.monitor = ' ~ sql_text(name) ~ ' and '
    ~ relation ~ '.segment_name in (' ~ segments | join(', ') ~ '))') -%}
{%- endfor -%}
({{ parts | join(' or ') if parts else 'false' }})
{%- endmacro %}
