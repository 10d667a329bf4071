{#- Incremental strategy `unfinished_builds`, of tables with a build_number: rows are added, and
    those of builds before the last finished one go. A build that died stays until one finishes,
    which has its number; what a finished build set out to do nobody asks for. The newest finished
    number itself stays, in the table of these: the next one counts on from it. -#}
{% macro get_incremental_unfinished_builds_sql(arg_dict) %}
    {{ return(adapter.dispatch('get_incremental_unfinished_builds_sql', 'driftline')(arg_dict)) }}
{% endmacro %}


{% macro default__get_incremental_unfinished_builds_sql(arg_dict) %}
    {%- set columns = arg_dict['dest_columns'] | map(attribute='quoted') | join(', ') -%}
    {%- set target = arg_dict['target_relation'] -%}
    delete from {{ target }}
    where build_number < ({{ last_finished_build() }});
    insert into {{ target }} ({{ columns }})
    select {{ columns }} from {{ arg_dict['temp_relation'] }}
{% endmacro %}


{#- Parquet cannot delete: a build is a partition, which can be dropped. A table without partitions
    (one row a build, or from an older release) keeps all. Dropped are finished builds only, so a
    run that is killed between the two statements leaves nothing out. -#}
{% macro spark__get_incremental_unfinished_builds_sql(arg_dict) %}
    {%- set target = arg_dict['target_relation'] -%}
    {%- set columns = arg_dict['dest_columns'] | map(attribute='quoted') | join(', ') -%}
    {%- set described = run_query('describe table ' ~ target) -%}
    {%- if '# Partition Information' in described.columns[0].values() -%}
        {%- set finished = run_query('select distinct build_number from ' ~ target
            ~ ' where build_number < (' ~ last_finished_build() ~ ')') -%}
        {%- for row in finished.rows -%}
            {%- do run_query('alter table ' ~ target ~ ' drop if exists partition (build_number = '
                ~ row[0] ~ ')') -%}
        {%- endfor -%}
    {%- endif -%}
    insert into table {{ target }} select {{ columns }} from {{ arg_dict['temp_relation'] }}
{% endmacro %}
