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

{#- A cursor plans one statement and reads no row; that a column is missing is no fault of syntax.
    The function is gone with the session. -#}
{% macro postgres__syntax_problem(expression) %}
    {% set parsed = run_query(
        "create or replace function pg_temp.driftline_syntax_problem(statement text) returns text"
        ~ " language plpgsql as $body$ declare planned refcursor; begin"
        ~ " open planned for execute statement; close planned; return null; exception"
        ~ " when syntax_error or invalid_cursor_definition then return sqlerrm;"
        ~ " when others then return null; end $body$;"
        ~ " select pg_temp.driftline_syntax_problem("
        ~ sql_text('select (' ~ expression ~ ')') ~ ")"
    ) %}
    {{ return(parsed.rows[0][0]) }}
{% endmacro %}

{#- Explaining parses and plans, and reads no row; a script can go on after a fault of syntax. -#}
{% macro spark__syntax_problem(expression) %}
    {% set parsed = run_query(
        "begin declare exit handler for sqlstate '42601' select 'syntax error' as problem;"
        ~ " execute immediate " ~ sql_text('explain select (' ~ expression ~ ')') ~ ";"
        ~ " select cast(null as string) as problem; end"
    ) %}
    {{ return(parsed.rows[0][0]) }}
{% endmacro %}
