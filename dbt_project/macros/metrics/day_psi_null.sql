{#- What PSI is without drift, learned from blocks of 1, 7 and 30 days of a reference, each against
    the rest: by how much their mean PSI exceeds that of independent rows, as a share of it
    (`day_excess`), in how few directions (`day_concentration`, 1 for one), from how many blocks
    (`block_count`, overlapping ones as parts), and of days of how many rows (`day_rows`); beside it
    the 99th percentile of the blocks' PSI. A window learns from blocks of its length, so that what
    comes every week is no variation of weeks, but no less than `window_days` 0 does; with under
    four of them from shorter ones. `window_days` 0 is a day against its own weekdays: what is
    learned from days, each against the others of its weekday, is free of what weekdays have in
    common; every weekday takes a degree of freedom (a block) with it, and of less than seven that
    are left days alone are taken.
    Expects the CTEs reference_counts (key columns, metric_date, bin_id, row_count) and
    reference_spans (the columns of span_columns, reference_from, reference_to). -#}
{% macro day_psi_null(key_columns, span_columns) %}
{%- set key = key_columns | join(', ') -%}
{%- set block_days = 'greatest(window_days, 1)' -%}
{{ reference_blocks(key_columns, span_columns) }},

{{ block_day_sizes(key_columns) }},

blocks_and_rest as (
    select
        *,
        pool_rows - block_rows as rest_rows,
        sum(block_rows) over block as block_total,
        sum(pool_rows - block_rows) over block as rest_total,
        sum(case when pool_rows > 0 then 1 else 0 end) over block as bin_count
    from blocks
    window block as (partition by {{ key }}, window_days, metric_date)
),

block_psi as (
    select
        {{ key }},
        window_days,
        weekday,
        metric_date,
        cast(max(block_total) as {{ type_double() }}) as block_total,
        cast(max(rest_total) as {{ type_double() }}) as rest_total,
        cast(max(bin_count) as {{ type_double() }}) as bin_count,
        sum({{ psi_term('block_rows', 'rest_rows', 'block_total', 'rest_total', 'bin_count') }})
            as psi
    from blocks_and_rest
    where block_total > 0 and rest_total > 0
    group by {{ key }}, window_days, weekday, metric_date
),

sized_blocks as (
    select
        block_psi.*,
        greatest(block_psi.bin_count - 1, 1) as degrees_of_freedom,
        least(block_psi.block_total, block_psi.rest_total) as smaller_rows,
        greatest(block_psi.block_total, block_psi.rest_total) as larger_rows,
        (
            sizes.block_squares / power(block_psi.block_total, 2)
            + sizes.rest_squares / power(block_psi.rest_total, 2)
        ) / (1 / block_psi.block_total + 1 / block_psi.rest_total) as day_rows
    from block_psi
    inner join block_day_sizes as sizes
        on {{ same_columns('block_psi', 'sizes', key_columns + ['window_days', 'metric_date']) }}
),

learned as (
    select
        {{ key }},
        window_days,
        avg(psi / {{ expected_psi(
            'degrees_of_freedom', 'smaller_rows', 'larger_rows', 'bin_count'
        ) }}) as block_ratio,
        var_samp(psi / {{ expected_psi(
            'degrees_of_freedom', 'smaller_rows', 'larger_rows', 'bin_count'
        ) }}) as block_ratio_variance,
        avg({{ psi_row_spread('degrees_of_freedom', '(smaller_rows / bin_count)') }})
            as row_spread,
        max(degrees_of_freedom) as degrees_of_freedom,
        avg(day_rows) as day_rows,
        percentile_cont(0.99) within group (order by psi) as block_psi_p99,
        cast(
            count(*) - count(distinct weekday) + {{ block_days }} - 1 as {{ type_double() }}
        ) / {{ block_days }} as block_count
    from sized_blocks
    group by {{ key }}, window_days
),

shared as (
    select
        *,
        case
            when block_ratio > 1 and (window_days <> 1 or block_count >= 7) then block_ratio - 1
            else 0
        end as day_excess
    from learned
    where block_count >= case window_days when 0 then 7 when 1 then 0 else 4 end
),

lent as (
    select
        shared.*,
        windows.window_days as for_window_days,
        row_number() over (
            partition by {{ select_columns('shared', key_columns) }}, windows.window_days
            order by
                case windows.window_days
                    when 0 then -shared.window_days else shared.window_days
                end desc
        ) as choice
    from shared
    inner join (values (0), (1), (7), (30)) as windows (window_days)
        on
            shared.window_days <= greatest(windows.window_days, 1)
            and (shared.window_days > 0 or windows.window_days = 0)
),

-- A few long blocks may show little by luck: no less than what days show beside their weekday.
known as (
    select
        {{ select_columns('blocks', key_columns) }},
        blocks.for_window_days as window_days,
        blocks.block_psi_p99,
        {% for column in ['day_excess', 'block_ratio_variance', 'row_spread',
            'degrees_of_freedom', 'block_count', 'day_rows'] %}
        case
            when days.day_excess / days.day_rows > blocks.day_excess / blocks.day_rows
                then days.{{ column }}
            else blocks.{{ column }}
        end as {{ column }}{{ ',' if not loop.last }}
        {% endfor %}
    from lent as blocks
    left join shared as days
        on
            {{ same_columns('blocks', 'days', key_columns) }}
            and days.window_days = 0
            and blocks.window_days >= 7
    where blocks.choice = 1
)

-- What days share has one direction at most, where its square is that of the excess, and one for
-- each degree of freedom at least. Twelve weeks stand for one direction, blocks for what they say.
select
    {{ key }},
    window_days,
    day_excess,
    case
        when day_excess > 0
            then (
                84 + block_count * least(greatest(
                    (
                        coalesce(block_ratio_variance, 0) / 2 - row_spread
                        - 2 * day_excess / degrees_of_freedom
                    ) / power(day_excess, 2),
                    1 / degrees_of_freedom
                ), 1)
            ) / (84 + block_count)
        else 1
    end as day_concentration,
    block_count,
    day_rows,
    block_psi_p99
from known
{% endmacro %}
