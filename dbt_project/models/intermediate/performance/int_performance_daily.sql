{{ config(materialized='incremental', incremental_strategy='changed_days', full_refresh=false,
    meta={'days': 'int_days_to_count'}) }}
{#- Mergeable sums of everything that needs no ranking, counted on the finest combination of segment
    values and rolled up. `live` rows count for their version and, if they answered, for serving;
    `holdout` rows for the candidate that had not seen them. -#}
{%- set reads = day_spans(ref('int_days_to_count'), ref('int_repeated_rows')) -%}
{%- set sums = performance_counts() + performance_sums() -%}
with

finest as (
    select
        cast(null as {{ dbt.type_string() }}) as monitor,
        cast(null as {{ dbt.type_string() }}) as traffic,
        cast(null as date) as metric_date,
        cast(null as {{ dbt.type_string() }}) as model_version,
        cast(null as boolean) as is_shadow,
        {{ typed_array([], dbt.type_string()) }} as segment_values,
        {% for column in performance_counts() %}
        cast(null as bigint) as {{ column }},
        {% endfor %}
        {% for column in performance_sums() %}
        cast(null as {{ type_double() }}) as {{ column }},
        {% endfor %}
        cast(null as {{ type_double() }}) as min_score,
        cast(null as {{ type_double() }}) as max_score
    where false
    {% for name, monitor in monitors().items() if not reads[name].is_empty %}
    {% set segments = columns_of(monitor, 'segments') %}
    {% set read = reads[name] %}
    {% for kind in scored_kinds(monitor) %}
    union all
    select
        {{ sql_text(name) }},
        '{{ 'holdout' if kind.held_out else 'live' }}',
        metric_date,
        model_version,
        is_shadow,
        {{ typed_array(["'all'"] + segments, dbt.type_string()) }},
        count(*),
        {{ count_where('not is_shadow') }},
        {{ count_where('score is null') }},
        {{ count_where('score not between 0 and 1') }},
        count(label),
        {{ count_where('is_judged') }},
        {{ count_where('is_judged and label = 1') }},
        {{ count_where('is_judged and label = 1 and score >= ' ~ monitor.decision_threshold) }},
        {{ count_where('is_judged and label = 0 and score >= ' ~ monitor.decision_threshold) }},
        {{ count_where('is_judged and label = 1 and score < ' ~ monitor.decision_threshold) }},
        sum(score),
        sum(score * score),
        sum(case when is_judged then score end),
        sum(case when is_judged then score * score end),
        sum(case when is_judged then score * label end),
        sum(log_loss),
        sum(log_loss * log_loss),
        sum(squared_error),
        sum(squared_error * squared_error),
        min(score),
        max(score)
    from (
        select
            *,
            case when is_judged then {{ log_loss_term('score', 'label') }} end as log_loss,
            case when is_judged then (score - label) * (score - label) end as squared_error
        from (
            select *, label is not null and score between 0 and 1 as is_judged
            from {{ scored_rows(name, monitor, kind.origin, read, kind.held_out) }} as scored
        ) as judged
    ) as measured
    group by {{ (['metric_date', 'model_version', 'is_shadow'] + segments) | join(', ') }}
    {% endfor %}
    {% endfor %}
),

{%- set columns = ['monitor', 'traffic', 'metric_date'] -%}
{%- set measures = sums + ['min_score', 'max_score'] %}

-- Rows that answered count once more for serving.
versions as (
    select
        {{ select_columns('finest', columns) }},
        case when counts_for.is_serving then 'serving' else finest.model_version end
            as model_version,
        finest.segment_values, {{ select_columns('finest', measures) }}
    from finest
    inner join (values (false), (true)) as counts_for (is_serving)
        on not counts_for.is_serving or (finest.traffic = 'live' and not finest.is_shadow)
),

-- Every row counts for each of its segments, of which the first are all rows.
segmented as (
    select
        {{ select_columns('versions', columns) }}, versions.model_version,
        case when exploded.segment_position = 1 then 'overall' else segments.segment_name end
            as segment_name,
        coalesce(exploded.segment_value, 'unknown') as segment_value,
        {{ select_columns('versions', measures) }}
    from versions
    {{ explode_of('versions.segment_values', 'exploded', 'segment_value', 'segment_position') }}
    left join {{ ref('stg_segments') }} as segments
        on
            versions.monitor = segments.monitor
            and exploded.segment_position = segments.position + 1
)

select
    monitor,
    model_version,
    traffic,
    metric_date,
    segment_name,
    segment_value,
    {% for column in performance_counts() %}
    cast(sum({{ column }}) as bigint) as {{ column }},
    {% endfor %}
    {% for column in performance_sums() %}
    coalesce(sum({{ column }}), 0) as {{ column }},
    {% endfor %}
    min(min_score) as min_score,
    max(max_score) as max_score
from segmented
group by monitor, model_version, traffic, metric_date, segment_name, segment_value
