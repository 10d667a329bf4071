{#- Business metrics in the columns of int_metric_estimates: a ratio of sums, with the standard
    error of the delta method. A row leaves numerator - ratio x denominator, and the spread of what
    rows leave is at least that of the 30 days up to the window: a few rows that say the same do not
    prove how little others differ. -#}
{%- set keys = [
    'monitor', 'model_version', 'traffic', 'segment_name', 'segment_value', 'metric_date',
    'metric_name',
] -%}
with

-- A metric that is younger than the log has days without facts, or of what it meant before, which
-- are no part of a window.
begun as (
    select metrics.monitor, metrics.metric_name, min(facts.metric_date) as first_counted
    from {{ ref('int_business_daily') }} as facts
    inner join {{ ref('stg_business_metrics') }} as metrics
        on {{ same_columns('facts', 'metrics', ['monitor', 'metric_name', 'definition']) }}
    group by metrics.monitor, metrics.metric_name
),

days as (
    select
        windowed.window_id,
        facts.metric_name,
        facts.row_count,
        facts.row_count + facts.unusable_rows as all_rows,
        facts.negative_rows,
        facts.numerator_sum,
        facts.denominator_sum,
        facts.residual_square_sum,
        facts.residual_denominator_sum,
        facts.denominator_square_sum,
        facts.day_slope
    from {{ ref('int_performance_window') }} as windowed
    inner join {{ ref('stg_business_metrics') }} as metrics
        on windowed.monitor = metrics.monitor
    {{ facts_of_windows(ref('int_business_daily')) }}
            and metrics.metric_name = facts.metric_name
            and metrics.definition = facts.definition
),

-- Denominators whose sum is no more than rounding leaves of them have no ratio.
ratios as (
    select
        *,
        sum(numerator_sum) over whole_window
        / case
            when
                abs(sum(denominator_sum) over whole_window) > 1e-12 * sqrt(
                    sum(row_count) over whole_window
                    * sum(denominator_square_sum) over whole_window
                )
                then sum(denominator_sum) over whole_window
        end as metric_value
    from days
    window whole_window as (partition by window_id, metric_name)
),

totals as (
    select
        window_id,
        metric_name,
        min(metric_value) as metric_value,
        cast(sum(all_rows) as bigint) as all_rows,
        cast(sum(row_count) as bigint) as labeled_rows,
        sum(power(row_count, 2)) as labeled_square_sum,
        sum(negative_rows) as negative_rows,
        sum(numerator_sum) as numerator_sum,
        sum(denominator_sum) as denominator_sum,
        power(min(metric_value), 2) * sum(denominator_square_sum) as explained_square_sum,
        sum(
            residual_square_sum
            + 2 * (day_slope - metric_value) * residual_denominator_sum
            + power(day_slope - metric_value, 2) * denominator_square_sum
        ) as left_square_sum
    from ratios
    group by window_id, metric_name
),

keyed as (
    select
        {{ select_columns('windowed', keys[:-1]) | replace(', ', ',\n        ') }},
        metrics.metric_name,
        windowed.window_days,
        -- As counted with the metric: a correction of amounts counts nothing else anew.
        coalesce(totals.all_rows, 0) as row_count,
        coalesce(totals.labeled_rows, 0) as labeled_rows,
        coalesce(totals.labeled_square_sum, 0) as labeled_square_sum,
        windowed.has_rows,
        {{ days_between(
            'windowed.metric_date', 'greatest(windowed.first_day, begun.first_counted)'
        ) }} + 1 >= windowed.window_days as is_whole_window,
        totals.metric_value,
        totals.numerator_sum,
        totals.denominator_sum,
        totals.negative_rows,
        -- What rounding leaves of rows that are all in the same ratio is no variance.
        case
            when totals.left_square_sum > 1e-20 * totals.explained_square_sum
                then totals.left_square_sum
            when totals.metric_value is not null then 0
        end / nullif(totals.labeled_rows, 0) as row_variance
    from {{ ref('int_performance_window') }} as windowed
    inner join {{ ref('stg_business_metrics') }} as metrics
        on windowed.monitor = metrics.monitor
    inner join begun
        on metrics.monitor = begun.monitor and metrics.metric_name = begun.metric_name
    left join totals
        on windowed.window_id = totals.window_id and metrics.metric_name = totals.metric_name
    where windowed.metric_date >= begun.first_counted
),

beside_their_month as (
    select
        windowed.*,
        last_month.metric_value as month_value,
        last_month.row_variance as month_variance,
        {{ ratio('windowed.labeled_rows', 'last_month.labeled_rows') }} as part_of_month
    from keyed as windowed
    left join keyed as last_month
        on
            windowed.window_days <> 28
            and last_month.window_days = 30
            and {{ same_columns('windowed', 'last_month', keys) }}
)

select
    {{ keys[:-1] | join(', ') }},
    window_days,
    row_count,
    labeled_rows as known_labels,
    labeled_rows,
    labeled_square_sum,
    has_rows,
    is_whole_window,
    labeled_rows as rarer_rows,
    metric_name,
    -- What has no negative part does not lie below 0.
    case
        when negative_rows > 0 then 'amount'
        when metric_value > 0 then 'ratio'
        else 'zero'
    end as scale,
    metric_value,
    cast(null as {{ type_double() }}) as trials,
    case
        when metric_value is not null
            then sqrt(
                greatest(row_variance, month_variance) * labeled_rows
                * {{ ratio('labeled_rows', 'labeled_rows - 1') }}
            )
    end / nullif(abs(denominator_sum), 0) as standard_error,
    cast(0 as {{ type_double() }}) as error_bound,
    cast(0 as {{ type_double() }}) as excess,
    case
        when window_days = 1 then power(numerator_sum - month_value * denominator_sum, 2)
    end as pull_square,
    case
        when window_days = 1 then month_variance * labeled_rows * (1 - part_of_month)
    end as pull_variance,
    part_of_month
from beside_their_month
