{#- Before the first model: one build at a time. DuckDB locks its file, and Spark has no locks; on
    PostgreSQL a build that begins is refused while a model of another is being built, and else has
    the turn from then on: a build that lost it builds no more models (hold_turn). dbt closes its
    connection after each model, so no lock can stand for a whole build; nothing is left to clear up
    after a build that died. -#}
{% macro begin_build() %}
    {{ return(adapter.dispatch('begin_build', 'driftline')()) }}
{% endmacro %}

{% macro default__begin_build() %}{% endmacro %}

{#- Looks for a second, because a build at work has moments between two models. -#}
{% macro postgres__begin_build() %}
    {% if execute and flags.WHICH in ['run', 'build'] %}
        {% do run_query("
            do $build$ begin
                for attempt in 1..20 loop
                    exit when not pg_try_advisory_lock(" ~ turn_lock() ~ ");
                    perform pg_advisory_unlock(" ~ turn_lock() ~ "), pg_sleep(0.05);
                end loop;
                if not pg_try_advisory_xact_lock(" ~ turn_lock() ~ ") then
                    raise exception 'another dbt build is at work in this database; wait until it"
                        ~ " is done, then repeat the command';
                end if;
                create table if not exists " ~ turn_table()
                    ~ " (invocation_id text, began_at text);
                delete from " ~ turn_table() ~ ";
                insert into " ~ turn_table() ~ " values ('" ~ invocation_id ~ "', '"
                    ~ run_started_at.strftime('%Y-%m-%d %H:%M:%S') ~ " UTC');
            end $build$;
            commit
        ") %}
    {% endif %}
{% endmacro %}


{#- In the transaction of each model: until it ends no other build begins, and if another one has
    begun before, this one stops. -#}
{% macro hold_turn() %}
    {{ return(adapter.dispatch('hold_turn', 'driftline')()) }}
{% endmacro %}

{% macro default__hold_turn() %}{% endmacro %}

{% macro postgres__hold_turn() -%}
do $turn$ declare began text; begin
    perform pg_advisory_xact_lock_shared({{ turn_lock() }});
    select began_at into began from {{ turn_table() }} where invocation_id <> '{{ invocation_id }}';
    if found then
        raise exception 'another dbt build began at % while this one was at work, and has taken'
            ' over; wait until it is done, then repeat the command', began;
    end if;
end $turn$
{%- endmacro %}


{#- Whose turn it is: one row. -#}
{% macro turn_table() %}
    {{ return(api.Relation.create(database=target.database, schema=target.schema ~ '_internal',
        identifier='build_turn')) }}
{% endmacro %}


{#- A number of the schema's own that nothing else in the database locks. -#}
{% macro turn_lock() -%}
hashtextextended('driftline build {{ target.schema }}', 0)
{%- endmacro %}
