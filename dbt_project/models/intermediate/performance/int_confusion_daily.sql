{{ config(materialized='incremental', incremental_strategy='changed_days', full_refresh=false,
    meta={'days': 'int_days_to_count'}) }}
{#- The confusion matrix of monitors with several classes, pairs without rows left out. -#}
{%- set reads = day_spans(ref('int_days_to_count'), ref('int_repeated_rows')) -%}
with

counted as (
    select
        cast(null as {{ dbt.type_string() }}) as monitor,
        cast(null as {{ dbt.type_string() }}) as traffic,
        cast(null as {{ dbt.type_string() }}) as segment_name,
        cast(null as {{ dbt.type_string() }}) as segment_value,
        cast(null as date) as metric_date,
        cast(null as {{ dbt.type_string() }}) as model_version,
        cast(null as boolean) as is_shadow,
        cast(null as integer) as actual_class,
        cast(null as integer) as called_class,
        cast(null as bigint) as row_count
    where false
    {% for name, monitor in monitors().items()
        if monitor.task == 'multiclass' and not reads[name].is_empty %}
    {% set read = reads[name] %}
    {% for kind in scored_kinds(monitor) %}
    union all
    select
        {{ sql_text(name) }},
        '{{ 'holdout' if kind.held_out else 'live' }}',
        {{ grouped_segment_name(monitor) }},
        {{ grouped_segment_value(monitor) }},
        metric_date,
        model_version,
        is_shadow,
        actual_class,
        called_class,
        count(*)
    from (
        select
            *,
            cast(label as integer) as actual_class,
            {{ called_class(monitor) | indent(12) }} as called_class
        from {{ scored_rows(name, monitor, kind.origin, read, kind.held_out) }} as scored
        where label is not null and {{ scores_add_up(monitor) | indent(8) }}
    ) as judged
    group by {{ segment_grouping(
        monitor, ['metric_date', 'model_version', 'is_shadow', 'actual_class', 'called_class']
    ) }}
    {% endfor %}
    {% endfor %}
),

{{ with_serving('counted', ['actual_class', 'called_class', 'row_count']) }}

select
    monitor,
    model_version,
    traffic,
    metric_date,
    segment_name,
    segment_value,
    actual_class,
    called_class,
    cast(sum(row_count) as bigint) as row_count
from versions
group by
    monitor, model_version, traffic, metric_date, segment_name, segment_value,
    actual_class, called_class
