{#- What calibration needs beside the metrics, in the columns of int_metric_estimates and under
    names with blanks, which no metric of a user has. The bias; and what the labels of a day pull
    away from the rates that cells of the score have in the 30 days up to it (in windows of one day,
    without a value): days that move scores alone pull nothing there. -#}
{%- set chances = tasks_of_chances() | join("', '") -%}
{%- set keys = [
    'monitor', 'model_version', 'traffic', 'segment_name', 'segment_value', 'metric_date',
] -%}
with

in_cells as (
    select
        window_id,
        cast(sum(labeled_rows) as bigint) as labeled_rows,
        sum(labeled_score_sum) as score_sum,
        cast(sum(positive_rows) as bigint) as positive_rows
    from {{ ref('int_score_window') }}
    group by window_id
),

-- Days that were counted before several classes had labels in cells leave their windows out.
windowed as (
    select
        sums.window_id,
        {{ select_columns('sums', keys) | replace(', ', ',\n        ') }},
        sums.window_days, sums.row_count, sums.known_labels, sums.labeled_rows,
        sums.labeled_square_sum, sums.has_rows,
        {{ days_between('sums.metric_date', 'sums.first_day') }} + 1 >= sums.window_days
            as is_whole_window,
        least(cells.positive_rows, sums.labeled_rows - cells.positive_rows) as rarer_rows,
        {{ ratio('cells.score_sum', 'sums.labeled_rows') }} as mean_score,
        cells.score_sum - cells.positive_rows as bias_sum,
        case monitors.task when 'binary' then sums.brier_sum else sums.called_brier_sum end
            as bias_square_sum
    from {{ ref('int_performance_window') }} as sums
    inner join {{ ref('stg_monitors') }} as monitors
        on
            sums.monitor = monitors.monitor
            and monitors.task in ('{{ chances }}')
    inner join in_cells as cells
        on
            sums.window_id = cells.window_id
            and sums.labeled_rows = cells.labeled_rows
            and cells.labeled_rows > 0
),

beside_their_month as (
    select
        windowed.*,
        last_month.window_id as month_window_id,
        {{ ratio('last_month.bias_sum', 'last_month.labeled_rows') }} as month_bias,
        -- Less than that is what rounding leaves of scores that are the outcome.
        case
            when last_month.bias_square_sum > 1e-18 * last_month.labeled_rows
                then {{ row_variance('last_month.bias_sum', 'last_month.bias_square_sum',
                    'last_month.labeled_rows') }}
        end as month_variance,
        {{ ratio('windowed.labeled_rows', 'last_month.labeled_rows') }} as part_of_month
    from windowed
    left join windowed as last_month
        on
            windowed.window_days = 1
            and last_month.window_days = 30
            and {{ same_columns('windowed', 'last_month', keys) }}
),

-- The rates are known from the rows of the month, of which those of the day are a part.
rate_pulls as (
    select
        days.window_id,
        sum(own.positive_rows - {{ ratio('own.labeled_rows * of_month.positive_rows',
            'of_month.labeled_rows') }}) as day_pull,
        sum(
            {{ ratio('own.labeled_rows * of_month.positive_rows', 'of_month.labeled_rows') }}
            * {{ ratio('of_month.labeled_rows - of_month.positive_rows', 'of_month.labeled_rows') }}
            * {{ ratio('of_month.labeled_rows - own.labeled_rows', 'of_month.labeled_rows - 1') }}
        ) as pull_variance
    from beside_their_month as days
    inner join {{ ref('int_score_window') }} as own
        on days.window_id = own.window_id
    inner join {{ ref('int_score_window') }} as of_month
        on
            days.month_window_id = of_month.window_id
            and own.score_cell = of_month.score_cell
    where own.labeled_rows > 0
    group by days.window_id
)

-- As in shares, a row of each outcome is added where it keeps the error above 0.
select
    {{ keys | join(', ') }}, window_days, row_count, known_labels, labeled_rows,
    labeled_square_sum, has_rows, is_whole_window, rarer_rows,
    'bias of scores' as metric_name,
    'amount' as scale,
    bias_sum / labeled_rows as metric_value,
    cast(null as {{ type_double() }}) as trials,
    {{ mean_standard_error(
        '(bias_sum + 2 * mean_score - 1)',
        '(bias_square_sum + power(mean_score, 2) + power(1 - mean_score, 2))',
        '(labeled_rows + 2)'
    ) }} as standard_error,
    cast(0 as {{ type_double() }}) as error_bound,
    cast(0 as {{ type_double() }}) as excess,
    power(bias_sum - month_bias * labeled_rows, 2) as pull_square,
    labeled_rows * month_variance * (1 - part_of_month) as pull_variance,
    part_of_month
from beside_their_month
union all
select
    {{ select_columns('days', keys) | replace(', ', ',\n    ') }},
    days.window_days, days.row_count, days.known_labels, days.labeled_rows,
    days.labeled_square_sum, days.has_rows, days.is_whole_window, days.rarer_rows,
    'rate at scores',
    'none',
    null,
    null,
    null,
    0,
    0,
    power(pulls.day_pull, 2),
    pulls.pull_variance,
    days.part_of_month
from beside_their_month as days
inner join rate_pulls as pulls
    on days.window_id = pulls.window_id
