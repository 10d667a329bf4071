{#- The CTE `said`: what a job recorded last about each `key`, of what it had recorded by the as-of
    day that `seen` has for each monitor. `table` is one of driftline_jobs whose rows stay. -#}
{% macro newest_said(table, key, seen) -%}
said as (
    select *
    from (
        select
            records.*,
            dense_rank() over (
                partition by {{ select_columns('records', key) }} order by records.as_of desc
            ) as recency
        from {{ source('driftline_jobs', table) }} as records
        inner join {{ seen }} as seen
            on records.monitor = seen.monitor and records.as_of <= seen.as_of
    ) as recorded
    where recency = 1
)
{%- endmacro %}
