{#- What the engine's parser says against an expression, or none. -#}
{% macro syntax_problem(expression) %}
    {{ return(adapter.dispatch('syntax_problem', 'driftline')(expression)) }}
{% endmacro %}

{% macro default__syntax_problem(expression) %}
    {{ exceptions.raise_compiler_error("syntax_problem is not written for " ~ target.type) }}
{% endmacro %}

{% macro duckdb__syntax_problem(expression) %}
    {% set parsed = run_query(
        "select json_extract_string(json_serialize_sql("
        ~ sql_text('select (' ~ expression ~ ')') ~ "), '$.error_message')"
    ) %}
    {{ return(parsed.rows[0][0]) }}
{% endmacro %}
