{#- Rows per bin in each block of 1, 7 or 30 days inside a reference, as CTEs of day_psi_null, the
    last one blocks, with the rows of all that a block is part of (`pool_rows`): the reference or,
    of a day that is compared with its own weekday (`window_days` 0), the days of its weekday. -#}
{% macro reference_blocks(key_columns, span_columns) %}
{%- set key = key_columns | join(', ') -%}
reference_cells as (
    select {{ key }}, bin_id, sum(row_count) as cell_total
    from reference_counts
    group by {{ key }}, bin_id
),

reference_days as (
    select
        {{ select_columns('reference_spans', span_columns) }},
        reference_spans.reference_from,
        days.metric_date
    from reference_spans
    {{ explode_days_of(
        'reference_spans.reference_from', 'reference_spans.reference_to', 'days', 'metric_date') }}
),

daily as (
    select
        cells.*,
        days.metric_date,
        days.reference_from,
        coalesce(counts.row_count, 0) as row_count
    from reference_cells as cells
    inner join reference_days as days
        on {{ same_columns('cells', 'days', span_columns) }}
    left join reference_counts as counts
        on
            cells.bin_id = counts.bin_id
            and days.metric_date = counts.metric_date
            and {{ same_columns('cells', 'counts', key_columns) }}
),

blocks as (
    {% for window_days in [1, 7, 30] %}
    select *
    from (
        select
            *,
            {{ window_days }} as window_days,
            cast(null as integer) as weekday,
            cell_total as pool_rows,
            sum(row_count) over (
                partition by {{ key }}, bin_id
                order by metric_date
                rows between {{ window_days - 1 }} preceding and current row
            ) as block_rows
        from daily
    ) as trailing_{{ window_days }}
    where metric_date >= {{ add_days('reference_from', window_days - 1) }}
    union all
    {% endfor %}
    select
        *,
        0,
        mod({{ days_between('metric_date', 'reference_from') }}, 7),
        sum(row_count) over (
            partition by
                {{ key }}, bin_id, mod({{ days_between('metric_date', 'reference_from') }}, 7)
        ),
        row_count
    from daily
)
{%- endmacro %}
