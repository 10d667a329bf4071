{#- dbt-spark knows a fixed list of incremental strategies, and these macros are where it asks:
    whether it knows one, what its statement is, by what a table is partitioned, and how it is
    created. -#}
{% macro dbt_spark_validate_get_incremental_strategy(raw_strategy, file_format) %}
    {% if raw_strategy in ['changed_days', 'unfinished_builds'] %}
        {{ return(raw_strategy) }}
    {% endif %}
    {{ return(dbt.dbt_spark_validate_get_incremental_strategy(raw_strategy, file_format)) }}
{% endmacro %}


{% macro dbt_spark_get_incremental_sql(
    strategy, source, target, existing, unique_key, incremental_predicates
) %}
    {% if strategy in ['changed_days', 'unfinished_builds'] %}
        {% set given = {
            'target_relation': target,
            'temp_relation': source,
            'dest_columns': adapter.get_columns_in_relation(target),
        } %}
        {% if strategy == 'changed_days' %}
            {{ return(get_incremental_changed_days_sql(given)) }}
        {% endif %}
        {{ return(get_incremental_unfinished_builds_sql(given)) }}
    {% endif %}
    {{ return(dbt.dbt_spark_get_incremental_sql(
        strategy, source, target, existing, unique_key, incremental_predicates)) }}
{% endmacro %}


{#- What is replaced day by day is partitioned by the day. -#}
{% macro spark__partition_cols(label, required=false) %}
    {%- if (config.get('meta') or {}).get('days') -%}
        {{ label }} (monitor, metric_date)
    {%- else -%}
        {{ dbt.spark__partition_cols(label, required) }}
    {%- endif -%}
{%- endmacro %}


{#- And a day's rows are gathered before they are written: else each task of the query leaves a
    small file of its own in every day that it has rows of, thousands for a table of a hundred days,
    and opening them is what every later query waits for. -#}
{% macro spark__create_table_as(temporary, relation, compiled_code, language='sql') -%}
    {%- if (config.get('meta') or {}).get('days') and not temporary -%}
        {%- set compiled_code -%}
            select * from (
                {{ compiled_code }}
            ) as found
            {{ gathered_by_day() }}
        {%- endset -%}
    {%- endif -%}
    {{ dbt.spark__create_table_as(temporary, relation, compiled_code, language) }}
{%- endmacro %}


{#- Ending of a query whose rows go into a table that is partitioned by the day. -#}
{% macro gathered_by_day() %}distribute by monitor, metric_date{% endmacro %}
