{#- Sums over queries: normalised discounted cumulative gain and average precision down to the depth
    of the monitor, with their squares. -#}
{% macro ranking_sums() %}
    {{ return([
        'query_count', 'ndcg_sum', 'ndcg_square_sum', 'map_sum', 'map_square_sum',
    ]) }}
{% endmacro %}


{#- How many errors performance facts hold: a labelled row has one, of a ranking a query. -#}
{% macro error_count(task, facts) -%}
case
    when {{ task }} = 'ranking' then cast({{ facts }}.query_count as bigint)
    else {{ facts }}.labeled_rows
end
{%- endmacro %}


{#- The queries of the scored rows of a monitor, as a subquery: metric_date, model_version,
    is_shadow, query_id, the segments, ndcg and average_precision. Only queries all of whose rows are judged
    and of which one is relevant. Gains are linear and those of tied scores are averaged, as
    scikit-learn has it; average precision takes ties in the order of a hash of the id. A query
    whose rows differ in a segment counts for none of its values. -#}
{% macro ranked_queries(monitor, rows) %}
{%- set segments = columns_of(monitor, 'segments') -%}
{%- set depth = monitor.ranking_depth -%}
{%- set query = 'metric_date, model_version, is_shadow, query_id' -%}
(
    select
        {{ query }},
        {% for segment in segments %}
        case
            when count({{ segment }}) = 0 then 'unknown'
            when count({{ segment }}) = count(*) and min({{ segment }}) = max({{ segment }})
                then min({{ segment }})
        end as {{ segment }},
        {% endfor %}
        sum(case when place <= {{ depth }} then mean_gain * ln(2) / ln(place + 1) end)
        / nullif(
            sum(case when ideal_place <= {{ depth }} then label * ln(2) / ln(ideal_place + 1) end), 0
        ) as ndcg,
        sum(
            case
                when place <= {{ depth }} and label > 0
                    then cast(relevant_through as {{ type_double() }}) / place
                else 0
            end
        ) / nullif(least({{ count_where('label > 0') }}, {{ depth }}), 0) as average_precision
    from (
        select
            *,
            avg(label) over (partition by {{ query }}, score) as mean_gain,
            sum(case when label > 0 then 1 else 0 end) over (
                partition by {{ query }} order by place
            ) as relevant_through
        from (
            select
                *,
                row_number() over (
                    partition by {{ query }}
                    order by score desc, {{ byte_order(md5_text('row_id')) }}
                ) as place,
                row_number() over (
                    partition by {{ query }}
                    order by label desc, {{ byte_order(md5_text('row_id')) }}
                ) as ideal_place
            from (
                select
                    *,
                    min(case when label is not null and score is not null then 1 else 0 end)
                        over (partition by {{ query }}) as is_complete
                from {{ rows }} as scored
                where query_id is not null
            ) as queried
            where is_complete = 1
        ) as placed
    ) as gained
    group by {{ query }}
    having max(label) > 0
)
{%- endmacro %}
