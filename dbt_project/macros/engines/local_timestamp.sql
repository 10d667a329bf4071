{% macro local_timestamp(column, time_zone) %}
    {{ return(adapter.dispatch('local_timestamp', 'driftline')(column, time_zone)) }}
{% endmacro %}

{% macro default__local_timestamp(column, time_zone) %}
    {{ exceptions.raise_compiler_error("local_timestamp is not written for " ~ target.type) }}
{% endmacro %}

{% macro duckdb__local_timestamp(column, time_zone) -%}
case
    when typeof({{ column }}) = 'TIMESTAMP WITH TIME ZONE'
        then timezone('{{ time_zone }}', cast({{ column }} as timestamptz))
    else cast({{ column }} as timestamp)
end
{%- endmacro %}
