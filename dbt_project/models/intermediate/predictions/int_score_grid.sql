{{ config(materialized='incremental', incremental_strategy='append', full_refresh=false) }}
{#- Where the cells of predicted numbers lie, frozen once for a monitor, whatever its bins_version:
    around the median, in units of the interquartile range over that of the standard normal; of the
    range where half of the predictions are equal. -#}
{%- set days = ref('int_days_of_scores') -%}
{%- set reads = day_spans(days, ref('int_repeated_rows')) -%}
with

sampled as (
    select
        cast(null as {{ dbt.type_string() }}) as monitor,
        cast(null as {{ type_double() }}) as score
    where false
    {% for name, monitor in monitors().items()
        if monitor.task not in tasks_of_chances() and not reads[name].is_empty %}
    union all
    select
        {{ sql_text(name) }},
        score
    from {{ single_rows(name, monitor, 'log', ['row_id', 'is_shadow', 'score'], reads[name]) }}
        as served
    where not is_shadow and {{ usable_score(monitor) }} and {{ is_sampled(name, 'log', days) }}
    {% endfor %}
),

ranked as (
    select
        *,
        row_number() over (partition by monitor order by score) as score_rank,
        count(*) over (partition by monitor) as row_count
    from sampled
),

quartiles as (
    select
        monitor,
        {% for name, share in [('p25', 0.25), ('median', 0.5), ('p75', 0.75)] %}
        min(case when score_rank >= {{ share }} * row_count then score end) as {{ name }},
        {% endfor %}
        min(score) as min_score,
        max(score) as max_score
    from ranked
    group by monitor
)

select
    monitor,
    median as centre,
    coalesce(nullif(p75 - p25, 0), nullif(max_score - min_score, 0), nullif(abs(median), 0), 1)
    / 1.3489795003921634 as scale
from quartiles
