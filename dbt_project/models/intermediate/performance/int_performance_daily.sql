{{ config(materialized='incremental', incremental_strategy='changed_days', full_refresh=false,
    meta={'days': 'int_days_to_count'}) }}
{#- Mergeable sums of everything that needs no ranking, counted on the finest combination of segment
    values and rolled up. `live` rows count for their version and, if they answered, for serving;
    `holdout` rows for the candidate that had not seen them. -#}
{%- set reads = day_spans(ref('int_days_to_count'), ref('int_repeated_rows')) -%}
{%- set counts = performance_counts() + ['called_rows', 'said_labels', 'unusable_labels'] -%}
{%- set sums = performance_sums() + regression_sums() -%}
with

finest as (
    select
        cast(null as {{ dbt.type_string() }}) as monitor,
        cast(null as {{ dbt.type_string() }}) as traffic,
        cast(null as date) as metric_date,
        cast(null as {{ dbt.type_string() }}) as model_version,
        cast(null as boolean) as is_shadow,
        {{ typed_array([], dbt.type_string()) }} as segment_values,
        {% for column in counts %}
        cast(null as bigint) as {{ column }},
        {% endfor %}
        {% for column in sums %}
        cast(null as {{ type_double() }}) as {{ column }},
        {% endfor %}
        cast(null as {{ type_double() }}) as min_score,
        cast(null as {{ type_double() }}) as max_score
    where false
    {% for name, monitor in monitors().items() if not reads[name].is_empty %}
    {% set segments = columns_of(monitor, 'segments') %}
    {% set read = reads[name] %}
    {% set facts = performance_facts(monitor) %}
    {#- Rows without a value are unknown; a query without one has several. -#}
    {% set segment_values = ["'all'"] %}
    {% for segment in segments %}
        {% do segment_values.append("coalesce(" ~ segment ~ ", 'unknown')") %}
    {% endfor %}
    {% set columns = {
        'row_count': 'count(*)',
        'answered_rows': count_where('not is_shadow'),
        'null_scores': count_where('score is null'),
        'known_labels': 'count(label)',
        'said_labels': 'count(said_label)',
        'unusable_labels': count_where('label is null and said_label is not null'),
        'labeled_rows': count_where('is_judged'),
        'score_sum': 'sum(score)',
        'score_square_sum': 'sum(score * score)',
    } %}
    {% do columns.update(facts.columns) %}
    {% for kind in scored_kinds(monitor) %}
    union all
    select
        {{ sql_text(name) }},
        '{{ 'holdout' if kind.held_out else 'live' }}',
        metric_date,
        model_version,
        is_shadow,
        {{ typed_array(segment_values, dbt.type_string()) }},
        {% for column in counts + sums %}
        {% if column not in columns %}
        null,
        {% elif column in counts + ['label_centre'] %}
        {{ columns[column] }},
        {% else %}
        coalesce({{ columns[column] }}, 0),
        {% endif %}
        {% endfor %}
        min(score),
        max(score)
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
            from {{ scored_rows(name, monitor, kind.origin, read, kind.held_out) }} as scored
        {% for step in facts.measures %}
        ) as judged_{{ loop.index }}
        {% endfor %}
    ) as measured
    group by {{ (['metric_date', 'model_version', 'is_shadow'] + segments) | join(', ') }}
    {% endfor %}
    {% endfor %}
    {% set of_queries = {
        'query_count': 'cast(count(*) as ' ~ type_double() ~ ')',
        'ndcg_sum': 'sum(ndcg)',
        'ndcg_square_sum': 'sum(ndcg * ndcg)',
        'map_sum': 'sum(average_precision)',
        'map_square_sum': 'sum(average_precision * average_precision)',
    } %}
    union all
    select
        monitor,
        traffic,
        metric_date,
        model_version,
        is_shadow,
        segment_values,
        {% for column in counts + sums %}
        {{ '0' if column in performance_counts() else of_queries.get(column, 'null') }},
        {% endfor %}
        null,
        null
    from {{ ref('int_ranked_queries') }}
    group by monitor, traffic, metric_date, model_version, is_shadow, segment_values
),

{#- Rows that answered count once more for serving. -#}
{{ in_segments('finest', counts + sums + ['min_score', 'max_score']) }}

select
    monitor,
    model_version,
    traffic,
    metric_date,
    segment_name,
    segment_value,
    {% for column in counts %}
    cast(sum({{ column }}) as bigint) as {{ column }},
    {% endfor %}
    {% for column in performance_sums() %}
    sum({{ column }}) as {{ column }},
    {% endfor %}
    min(min_score) as min_score,
    max(max_score) as max_score
    {%- for column in regression_sums() %},
    {{ 'min' if column == 'label_centre' else 'sum' }}({{ column }}) as {{ column }}
    {%- endfor %}
from segmented
group by monitor, model_version, traffic, metric_date, segment_name, segment_value
