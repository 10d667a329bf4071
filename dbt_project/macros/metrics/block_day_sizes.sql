{#- Sums of squares of the rows a day has, in each block of a reference and in the rest of what it is
    part of, as CTEs of day_psi_null, the last one block_day_sizes. -#}
{% macro block_day_sizes(key_columns) %}
{%- set key = key_columns | join(', ') -%}
{%- set weekday = 'mod(' ~ days_between('metric_date', 'reference_from') ~ ', 7)' -%}
day_sizes as (
    select
        {{ key }},
        metric_date,
        reference_from,
        power(cast(sum(row_count) as {{ type_double() }}), 2) as square
    from daily
    group by {{ key }}, metric_date, reference_from
),

block_squares as (
    {% for window_days in [1, 7, 30] %}
    select
        {{ key }},
        metric_date,
        {{ window_days }} as window_days,
        sum(square) over (
            partition by {{ key }}
            order by metric_date
            rows between {{ window_days - 1 }} preceding and current row
        ) as block_squares,
        sum(square) over (partition by {{ key }}) as pool_squares
    from day_sizes
    union all
    {% endfor %}
    select
        {{ key }},
        metric_date,
        0,
        square,
        sum(square) over (partition by {{ key }}, {{ weekday }})
    from day_sizes
),

block_day_sizes as (
    select *, pool_squares - block_squares as rest_squares
    from block_squares
)
{%- endmacro %}
