{{ config(materialized='incremental', incremental_strategy='changed_days', full_refresh=false,
    meta={'days': 'int_days_to_count'}) }}
{#- How many of a day's rows got their label at which age, and by how much the sums of performance
    changed at it: added up to an age they are what was known then. -#}
{%- set reads = day_spans(ref('int_days_to_count'), ref('int_repeated_rows')) -%}
{%- set counts = known_counts() -%}
{%- set sums = known_sums() -%}
with

counted as (
    select
        cast(null as {{ dbt.type_string() }}) as monitor,
        cast(null as date) as metric_date,
        cast(null as integer) as label_age_days,
        cast(null as integer) as effect,
        cast(null as integer) as label_horizon_days,
        {% for column in counts %}
        cast(null as bigint) as {{ column }},
        {% endfor %}
        {% for column in sums %}
        cast(null as {{ type_double() }}) as {{ column }},
        {% endfor %}
        cast(null as bigint) as row_count
    where false
    {% for name, monitor in monitors().items() if not reads[name].is_empty %}
    {% set facts = performance_facts(monitor) %}
    {% set columns = {
        'known_labels': 'count(label)',
        'labeled_rows': count_where('is_judged'),
    } %}
    {% do columns.update(facts.columns) %}
    union all
    select
        {{ sql_text(name) }},
        metric_date,
        cast(label_age_days as integer),
        effect,
        {{ monitor.label_horizon_days }},
        {% for column in counts + sums %}
        {{ 'coalesce(' ~ columns[column] ~ ', 0)' if column in columns else 'null' }},
        {% endfor %}
        count(*)
    from (
        {% for step in facts.measures | reverse %}
        select
            {% for measure, expression in step.items() %}
            case when is_judged then {{ expression }} end as {{ measure }},
            {% endfor %}
            *
        from (
        {% endfor %}
            select *, label is not null and {{ facts.can_be_judged }} as is_judged
            from {{ label_changes(name, monitor, reads[name]) }} as changes
        {% for step in facts.measures %}
        ) as judged_{{ loop.index }}
        {% endfor %}
    ) as measured
    group by metric_date, cast(label_age_days as integer), effect
    {% endfor %}
)

select
    monitor,
    metric_date,
    label_age_days,
    cast(sum(case when effect = 0 then row_count else 0 end) as bigint) as row_count,
    min(label_horizon_days) as label_horizon_days,
    {% for column in counts %}
    cast(sum(effect * {{ column }}) as bigint) as {{ column }},
    {% endfor %}
    {% for column in sums %}
    sum(effect * {{ column }}) as {{ column }}{{ ',' if not loop.last }}
    {% endfor %}
from counted
group by monitor, metric_date, label_age_days
