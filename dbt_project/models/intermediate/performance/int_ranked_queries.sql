{#- The judged queries of the days to count, each with what its order is worth: the facts and the
    errors of rankings are counted from them. -#}
{%- set reads = day_spans(ref('int_days_to_count'), ref('int_repeated_rows')) -%}
with

queries as (
    select
        cast(null as {{ dbt.type_string() }}) as monitor,
        cast(null as {{ dbt.type_string() }}) as traffic,
        cast(null as date) as metric_date,
        cast(null as {{ dbt.type_string() }}) as model_version,
        cast(null as boolean) as is_shadow,
        cast(null as {{ dbt.type_string() }}) as query_id,
        {{ typed_array([], dbt.type_string()) }} as segment_values,
        cast(null as {{ type_double() }}) as ndcg,
        cast(null as {{ type_double() }}) as average_precision
    where false
    {% for name, monitor in monitors().items()
        if monitor.task == 'ranking' and not reads[name].is_empty %}
    {% for kind in scored_kinds(monitor) %}
    union all
    select
        {{ sql_text(name) }},
        '{{ 'holdout' if kind.held_out else 'live' }}',
        metric_date,
        model_version,
        is_shadow,
        query_id,
        {{ typed_array(["'all'"] + columns_of(monitor, 'segments'), dbt.type_string()) }},
        ndcg,
        average_precision
    from {{ ranked_queries(
        monitor, scored_rows(name, monitor, kind.origin, reads[name], kind.held_out)
    ) }} as ranked
    {% endfor %}
    {% endfor %}
)

select
    monitor,
    traffic,
    metric_date,
    model_version,
    is_shadow,
    query_id,
    segment_values,
    -- What rounding leaves of the best order is no error.
    case when ranking_error = 0 then 1 else ndcg end as ndcg,
    average_precision,
    ranking_error
from (
    select
        *,
        -- To 9 digits: the last ones are others on each engine.
        floor(1e9 * greatest(1 - ndcg, 0) + 0.5) / 1e9 as ranking_error
    from queries
) as ranked
