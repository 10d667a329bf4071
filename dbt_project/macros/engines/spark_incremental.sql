{#- dbt-spark knows a fixed list of incremental strategies, and these three macros are where it asks:
    whether it knows one, what its statement is, and by what a table is partitioned. -#}
{% macro dbt_spark_validate_get_incremental_strategy(raw_strategy, file_format) %}
    {% if raw_strategy == 'changed_days' %}{{ return(raw_strategy) }}{% endif %}
    {{ return(dbt.dbt_spark_validate_get_incremental_strategy(raw_strategy, file_format)) }}
{% endmacro %}


{% macro dbt_spark_get_incremental_sql(
    strategy, source, target, existing, unique_key, incremental_predicates
) %}
    {% if strategy == 'changed_days' %}
        {{ return(get_incremental_changed_days_sql({
            'target_relation': target,
            'temp_relation': source,
            'dest_columns': adapter.get_columns_in_relation(target),
        })) }}
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
