{#- The clock on the wall of a zone: what has a zone is converted, what has none is local. -#}
{% macro local_timestamp(column, time_zone, data_type=none) %}
    {{ return(adapter.dispatch('local_timestamp', 'driftline')(column, time_zone, data_type)) }}
{% endmacro %}

{% macro default__local_timestamp(column, time_zone, data_type) %}
    {{ exceptions.raise_compiler_error("local_timestamp is not written for " ~ target.type) }}
{% endmacro %}

{#- The type of a column is known when the query is planned: of a plain timestamp nothing is left
    but the column, and a filter on it skips row groups. -#}
{% macro duckdb__local_timestamp(column, time_zone, data_type) -%}
case
    when typeof({{ column }}) = 'TIMESTAMP WITH TIME ZONE'
        or (
            typeof({{ column }}) = 'VARCHAR'
            and regexp_matches(cast({{ column }} as varchar), '{{ offset_pattern() }}')
        )
        then timezone('{{ time_zone }}', cast({{ column }} as timestamptz))
    else cast({{ column }} as timestamp)
end
{%- endmacro %}

{#- No index and no bounds of partitions serve a filter on a case, so what dbt knows of the type is
    decided here. -#}
{% macro postgres__local_timestamp(column, time_zone, data_type) -%}
{%- if data_type == 'timestamp without time zone' -%}
{{ column }}
{%- elif data_type == 'timestamp with time zone' -%}
timezone('{{ time_zone }}', {{ column }})
{%- elif data_type == 'date' -%}
cast({{ column }} as timestamp)
{%- else -%}
case
    when pg_typeof({{ column }}) = 'timestamptz'::regtype
        or (
            pg_typeof({{ column }}) not in ('timestamp'::regtype, 'date'::regtype)
            and cast({{ column }} as text) ~ '{{ offset_pattern() }}'
        )
        then timezone('{{ time_zone }}', cast({{ column }} as timestamptz))
    else cast({{ column }} as timestamp)
end
{%- endif -%}
{%- endmacro %}

{#- Spark's plain timestamp is an instant. -#}
{% macro spark__local_timestamp(column, time_zone, data_type) -%}
case
    when typeof({{ column }}) = 'timestamp'
        or (
            typeof({{ column }}) = 'string'
            and cast({{ column }} as string) rlike '{{ offset_pattern() }}'
        )
        then convert_timezone(
            current_timezone(),
            '{{ time_zone }}',
            cast(cast({{ column }} as timestamp_ltz) as timestamp_ntz)
        )
    else cast({{ column }} as timestamp_ntz)
end
{%- endmacro %}


{#- An offset stands after a time of day; the end of a date looks like one. -#}
{% macro offset_pattern() %}
    {{ return('[0-9]:[0-9][0-9].*([zZ]|[+-][0-9][0-9](:?[0-9][0-9])?) *$') }}
{% endmacro %}
