{#- Incremental strategy `changed_days`: all rows of the days that the model was asked to build are
    replaced by what it found for them, which may be nothing. The model names the relation that
    lists these days in its `days` meta; a run that dies leaves the table as it was (on Spark see
    below). -#}
{% macro get_incremental_changed_days_sql(arg_dict) %}
    {{ return(adapter.dispatch('get_incremental_changed_days_sql', 'driftline')(arg_dict)) }}
{% endmacro %}


{% macro default__get_incremental_changed_days_sql(arg_dict) %}
    {%- set columns = arg_dict['dest_columns'] | map(attribute='quoted') | join(', ') -%}
    {%- set target = arg_dict['target_relation'] -%}
    delete from {{ target }}
    where exists (
        select 1
        from {{ days_to_replace() }} as days
        where days.monitor = {{ target }}.monitor and days.metric_date = {{ target }}.metric_date
    );
    insert into {{ target }} ({{ columns }})
    select {{ columns }} from {{ arg_dict['temp_relation'] }}
{% endmacro %}


{#- Here the days are found by an index, which the first build on top of another makes, also in a
    warehouse of an older release: without one each delete reads the whole table. plan_for_scans has
    switched off the loop that looks days up in it. Other engines have no use for an index: DuckDB
    skips by the bounds of its blocks, and would write every row twice. -#}
{% macro postgres__get_incremental_changed_days_sql(arg_dict) %}
    {%- set target = arg_dict['target_relation'] -%}
    create index if not exists {{ adapter.quote(target.identifier ~ '_by_day') }}
    on {{ target }} (monitor, metric_date);
    set local enable_nestloop to on;
    {{ default__get_incremental_changed_days_sql(arg_dict) }}
{% endmacro %}


{#- Parquet knows neither delete nor transactions: the days are partitions. Those that have rows
    again are overwritten, those that have none any more are dropped. What a run that dies leaves
    half done the next build replaces, because int_begun_days and int_begun_marts name the days. -#}
{% macro spark__get_incremental_changed_days_sql(arg_dict) %}
    {%- set target = arg_dict['target_relation'] -%}
    {%- set found = arg_dict['temp_relation'] -%}
    {%- set columns = arg_dict['dest_columns'] | map(attribute='quoted') | join(', ') -%}
    {#- The view is read twice and must be computed once. -#}
    {%- do run_query('cache table ' ~ found) -%}
    {%- do run_query('set spark.sql.sources.partitionOverwriteMode = DYNAMIC') -%}
    {%- set emptied = run_query(
        'select distinct days.monitor, cast(days.metric_date as string) as metric_date from '
        ~ days_to_replace() ~ ' as days left anti join ' ~ found ~ ' as found'
        ~ ' on days.monitor = found.monitor and days.metric_date = found.metric_date'
    ) -%}
    {%- set places = [] -%}
    {%- for row in emptied.rows -%}
        {%- do places.append('partition (monitor = ' ~ sql_text(row[0]) ~ ", metric_date = date'"
            ~ (row[1] | string)[:10] ~ "')") -%}
    {%- endfor -%}
    {%- do run_query('insert overwrite table ' ~ target ~ ' select ' ~ columns ~ ' from ' ~ found
        ~ ' ' ~ gathered_by_day()) -%}
    {%- if places -%}
        {%- do run_query('alter table ' ~ target ~ ' drop if exists ' ~ places | join(', ')) -%}
    {%- endif -%}
    uncache table if exists {{ found }}
{% endmacro %}


{#- The list of days that the model at work replaces. -#}
{% macro days_to_replace() %}
    {% set node = graph.nodes['model.driftline.' ~ config.get('meta')['days']] %}
    {{ return(api.Relation.create(
        database=node.database, schema=node.schema, identifier=node.alias)) }}
{% endmacro %}
