{#- Statement that creates one table of the jobs, empty. `columns` are those of the source's
    YAML. -#}
{% macro create_job_table(relation_name, columns, partition_by) %}
    {{ return(adapter.dispatch('create_job_table', 'driftline')(
        relation_name, columns, partition_by)) }}
{% endmacro %}

{% macro default__create_job_table(relation_name, columns, partition_by) -%}
create table if not exists {{ relation_name }} (
    {%- for column in columns %}
        {{ adapter.quote(column.name) }} {{ column.data_type }}{{ ',' if not loop.last }}
    {%- endfor %}
)
{%- endmacro %}

{#- Spark replaces rows by whole partitions only, and has other names for some types. -#}
{% macro spark__create_job_table(relation_name, columns, partition_by) -%}
create table if not exists {{ relation_name }} (
    {%- for column in columns %}
        `{{ column.name }}` {{ engine_type(column.data_type) }}{{ ',' if not loop.last }}
    {%- endfor %}
)
using parquet
{%- if partition_by %}
partitioned by (
    {%- for name in partition_by %}`{{ name }}`{{ ', ' if not loop.last }}{% endfor -%}
)
{%- endif %}
{%- endmacro %}

{#- Columns by which Spark partitions a table of the jobs: a write's key covers whole partitions, so
    a write that was killed is completed by writing again. Other tables may say `config: meta:
    partition_by: [...]`. -#}
{% macro job_table_partition(source) %}
    {% set known = {
        'training_runs': ['run_id'],
        'model_versions': ['monitor', 'model_version'],
        'feature_importance': ['monitor', 'model_version'],
        'holdout_scores': ['monitor', 'model_version'],
        'evaluation_results': ['run_id'],
        'promotion_decisions': ['run_id'],
        'deployments': ['monitor'],
        'routing': ['monitor'],
        'drift_attributions': ['monitor'],
        'feature_contributions': ['monitor'],
        'domain_classifications': ['monitor'],
        'performance_estimates': ['monitor'],
    } %}
    {% set default = known.get(source.name, []) if source.source_name == 'driftline_jobs' else [] %}
    {{ return(source.config.meta.get('partition_by', default)) }}
{% endmacro %}
