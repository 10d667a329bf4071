{#- Row counts of the 1, 7 and 30 days that end on each day, with those of the windows just before
    and of the same weekday in the four weeks before.
    `daily` names a CTE with the cell's key columns, metric_date and row_count, dense in metric_date
    and beginning at least 60 days before the first day that counts. All windows are differences of
    one running count. -#}
{% macro trailing_rows(daily, cell_columns) %}
{%- set cell = cell_columns | join(', ') -%}
running as (
    select
        {{ cell }},
        metric_date,
        row_count,
        sum(row_count) over (
            partition by {{ cell }} order by metric_date
            rows between unbounded preceding and current row
        ) as rows_through
    from {{ daily }}
),

lagged as (
    select
        {{ cell }},
        metric_date,
        row_count,
        rows_through,
        {% for days in [1, 7, 14, 30, 31, 37, 60] %}
        coalesce(lag(rows_through, {{ days }}) over cell_days, 0) as rows_through_{{ days }}
        {{- ',' if not loop.last }}
        {% endfor %}
    from running
    window cell_days as (partition by {{ cell }} order by metric_date)
),

windowed as (
    select
        {{ cell }},
        metric_date,
        cast(row_count as bigint) as rows_1,
        cast(rows_through - rows_through_7 as bigint) as rows_7,
        cast(rows_through - rows_through_30 as bigint) as rows_30,
        cast(rows_through as bigint) as rows_through_day,
        cast(lag(row_count, 1, 0) over cell_days as bigint) as previous_rows_1,
        cast(
            {%- for days in [7, 14, 21, 28] %}
            lag(row_count, {{ days }}, 0) over cell_days{{ ' +' if not loop.last }}
            {%- endfor %}
            as bigint
        ) as same_weekday_rows,
        cast(rows_through_7 - rows_through_14 as bigint) as previous_rows_7,
        cast(rows_through_30 - rows_through_60 as bigint) as previous_rows_30,
        cast(rows_through_1 - rows_through_31 as bigint) as rolling_rows_1,
        cast(rows_through_7 - rows_through_37 as bigint) as rolling_rows_7
    from lagged
    window cell_days as (partition by {{ cell }} order by metric_date)
)
{% endmacro %}
