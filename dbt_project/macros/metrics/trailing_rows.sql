{#- Row counts of the 1, 7 and 30 days that end on each day, with those of the windows just before. `daily` names a CTE with
    the cell's key columns, metric_date and row_count, dense in metric_date. -#}
{% macro trailing_rows(daily, cell_columns) %}
{%- set cell = cell_columns | join(', ') -%}
windowed as (
    select
        {{ cell }},
        metric_date,
        row_count as rows_1,
        sum(row_count) over (cell_days rows between 6 preceding and current row) as rows_7,
        sum(row_count) over (cell_days rows between 29 preceding and current row) as rows_30,
        sum(row_count) over (cell_days rows unbounded preceding) as rows_through_day
    from {{ daily }}
    window cell_days as (partition by {{ cell }} order by metric_date)
)

select
    {{ cell }},
    metric_date,
    cast(rows_1 as bigint) as rows_1,
    cast(rows_7 as bigint) as rows_7,
    cast(rows_30 as bigint) as rows_30,
    cast(rows_through_day as bigint) as rows_through_day,
    cast(coalesce(lag(rows_1, 1) over cell_days, 0) as bigint) as previous_rows_1,
    cast(coalesce(lag(rows_7, 7) over cell_days, 0) as bigint) as previous_rows_7,
    cast(coalesce(lag(rows_30, 30) over cell_days, 0) as bigint) as previous_rows_30,
    cast(coalesce(lag(rows_30, 1) over cell_days, 0) as bigint) as rolling_rows_1,
    cast(coalesce(lag(rows_30, 7) over cell_days, 0) as bigint) as rolling_rows_7
from windowed
window cell_days as (partition by {{ cell }} order by metric_date)
{% endmacro %}
