{#- The 99th percentile of the PSI between each block of 1, 7 or 30 days inside a reference and the
    rest of it. Expects the CTEs reference_counts (key columns, metric_date, bin_id, row_count) and
    reference_spans (the columns of span_columns, reference_from, reference_to). A reference shorter
    than a block lends the next shorter block. -#}
{% macro block_psi_null(key_columns, span_columns) %}
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
        sum({{ psi_term('block_rows', 'rest_rows', 'block_total', 'rest_total', 'bin_count') }})
            as psi
    from blocks_and_rest
    where block_total > 0 and rest_total > 0
    group by {{ key }}, window_days, metric_date
),

block_quantiles as (
    select
        {{ key }},
        {% for window_days in [1, 7, 30] %}
        percentile_cont(0.99) within group (order by psi) filter (
            where window_days = {{ window_days }}
        ) as p99_{{ window_days }}{{ ',' if not loop.last }}
        {% endfor %}
    from block_psi
    group by {{ key }}
)

select
    {{ select_columns('block_quantiles', key_columns) }},
    windows.window_days,
    case windows.window_days
        when 1 then p99_1
        when 7 then coalesce(p99_7, p99_1)
        else coalesce(p99_30, p99_7, p99_1)
    end as block_psi_p99
from block_quantiles
cross join (values (1), (7), (30)) as windows (window_days)
{% endmacro %}
