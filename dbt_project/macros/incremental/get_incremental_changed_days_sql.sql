{#- Incremental strategy `changed_days`: all rows of the days that the model was asked to build are
    replaced by what it found for them, which may be nothing. The model names the relation that lists
    these days in its `days` meta; a run that dies leaves the table as it was. -#}
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


{#- The list of days that the model at work replaces. -#}
{% macro days_to_replace() %}
    {% set node = graph.nodes['model.driftline.' ~ config.get('meta')['days']] %}
    {{ return(api.Relation.create(
        database=node.database, schema=node.schema, identifier=node.alias)) }}
{% endmacro %}
