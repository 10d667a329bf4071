{#- What PSI is without drift, learned from the days of a reference, each against the rest: by how
    much their mean PSI exceeds that of independent rows, as a share of it and less half of what
    chance gives (`day_excess`), from how many days of how many rows. For windows of 7 and 30 days also the
    99th percentile of such blocks, because days that follow each other may be alike; a reference
    shorter than 30 days lends its blocks of 7. Expects the CTEs reference_counts (key columns,
    metric_date, bin_id, row_count) and reference_spans (the columns of span_columns,
    reference_from, reference_to). -#}
{% macro day_psi_null(key_columns, span_columns) %}
{%- set key = key_columns | join(', ') -%}
{{ reference_blocks(key_columns, span_columns) }},

blocks_and_rest as (
    select
        *,
        cell_total - block_rows as rest_rows,
        sum(block_rows) over block as block_total,
        sum(cell_total - block_rows) over block as rest_total,
        count(*) over block as bin_count
    from blocks
    window block as (partition by {{ key }}, window_days, metric_date)
),

block_psi as (
    select
        {{ key }},
        window_days,
        metric_date,
        cast(max(block_total) as {{ type_double() }}) as block_total,
        cast(max(rest_total) as {{ type_double() }}) as rest_total,
        cast(max(bin_count) as {{ type_double() }}) as bin_count,
        sum({{ psi_term('block_rows', 'rest_rows', 'block_total', 'rest_total', 'bin_count') }})
            as psi
    from blocks_and_rest
    where block_total > 0 and rest_total > 0
    group by {{ key }}, window_days, metric_date
),

sized_blocks as (
    select
        *,
        greatest(bin_count - 1, 1) as degrees_of_freedom,
        least(block_total, rest_total) as smaller_rows,
        greatest(block_total, rest_total) as larger_rows
    from block_psi
),

learned as (
    select
        {{ key }},
        avg(psi / {{ expected_psi(
            'degrees_of_freedom', 'smaller_rows', 'larger_rows', 'bin_count'
        ) }}) filter (where window_days = 1) as day_ratio,
        avg({{ psi_row_spread('degrees_of_freedom', '(smaller_rows / bin_count)') }})
            filter (where window_days = 1) as row_spread,
        count(*) filter (where window_days = 1) as day_count,
        avg(block_total) filter (where window_days = 1) as day_rows,
        {% for window_days in [7, 30] %}
        percentile_cont(0.99) within group (order by psi) filter (
            where window_days = {{ window_days }}
        ) as p99_{{ window_days }}{{ ',' if not loop.last }}
        {% endfor %}
    from sized_blocks
    group by {{ key }}
)

select
    {{ select_columns('learned', key_columns) }},
    windows.window_days,
    case
        when learned.day_count >= 7 and learned.day_ratio > 1
            then greatest(
                learned.day_ratio - 1
                - learned.row_spread / learned.day_count / (learned.day_ratio - 1),
                0
            )
        else 0
    end as day_excess,
    cast(learned.day_count as integer) as day_count,
    learned.day_rows,
    case windows.window_days
        when 7 then learned.p99_7
        when 30 then coalesce(learned.p99_30, learned.p99_7)
    end as block_psi_p99
from learned
cross join (values (1), (7), (30)) as windows (window_days)
{% endmacro %}
