{#- The metrics of regressions in the columns of int_metric_estimates. R2 is pulled by what the
    squared errors of a day leave of its share of the variation of labels: its influence is
    (1 - R2) (label - mean)^2 - error^2, over the sum of squares. -#}
{%- set means = [
    ('rmse', 'error_square_sum', 'error_fourth_sum', 'labeled_rows'),
    ('mae', 'absolute_error_sum', 'error_square_sum', 'labeled_rows'),
    ('mape', 'percentage_error_sum', 'percentage_error_square_sum', 'percentage_rows'),
] -%}
{%- set keys = [
    'monitor', 'model_version', 'traffic', 'segment_name', 'segment_value', 'metric_date',
    'window_days', 'row_count', 'known_labels', 'labeled_rows', 'labeled_square_sum', 'has_rows',
    'is_whole_window',
] | join(', ') -%}
{%- set plain_sums = [
    'absolute_error_sum', 'error_square_sum', 'error_fourth_sum', 'absolute_label_sum',
    'label_square_sum', 'absolute_error_label_sum', 'percentage_rows', 'percentage_error_sum',
    'percentage_error_square_sum',
] -%}
with

days as (
    select
        windowed.window_id,
        facts.labeled_rows,
        facts.label_centre,
        {{ select_columns('facts', plain_sums + [
            'label_offset_sum', 'label_offset_square_sum', 'label_offset_cube_sum',
            'label_offset_fourth_sum', 'error_square_offset_sum',
            'error_square_offset_square_sum',
        ]) | replace(', ', ',\n        ') }}
    from {{ ref('int_performance_window') }} as windowed
    inner join {{ ref('stg_monitors') }} as monitors
        on windowed.monitor = monitors.monitor and monitors.task = 'regression'
    {{ facts_of_windows(ref('int_performance_daily')) }}
    where facts.labeled_rows > 0
),

centred as (
    select
        *,
        sum(labeled_rows * label_centre + label_offset_sum) over whole_window
        / sum(labeled_rows) over whole_window as mean_label
    from days
    window
        whole_window as (partition by window_id)
),

-- Sums of powers of (label - mean_label), from those around the centre of each day.
moved as (
    select *, label_centre - mean_label as day_shift
    from centred
),

totals as (
    select
        window_id,
        min(mean_label) as mean_label,
        {% for column in plain_sums %}
        sum({{ column }}) as {{ column }},
        {% endfor %}
        sum(
            label_offset_square_sum + 2 * day_shift * label_offset_sum
            + labeled_rows * power(day_shift, 2)
        ) as label_variation,
        sum(
            label_offset_fourth_sum + 4 * day_shift * label_offset_cube_sum
            + 6 * power(day_shift, 2) * label_offset_square_sum
            + 4 * power(day_shift, 3) * label_offset_sum + labeled_rows * power(day_shift, 4)
        ) as label_fourth,
        sum(
            error_square_offset_square_sum + 2 * day_shift * error_square_offset_sum
            + power(day_shift, 2) * error_square_sum
        ) as error_label_square
    from moved
    group by window_id
),

-- Variation of labels that rounding alone would leave is none.
keyed as (
    select
        windowed.monitor, windowed.model_version, windowed.traffic, windowed.segment_name,
        windowed.segment_value, windowed.metric_date, windowed.window_days, windowed.row_count,
        windowed.known_labels, windowed.labeled_rows, windowed.labeled_square_sum,
        windowed.has_rows,
        {{ days_between('windowed.metric_date', 'windowed.first_day') }} + 1
        >= windowed.window_days as is_whole_window,
        totals.mean_label,
        {{ select_columns('totals', plain_sums) | replace(', ', ',\n        ') }},
        case
            when totals.label_variation > 1e-12 * totals.label_square_sum
                then totals.label_variation
        end as label_variation,
        totals.label_variation as day_variation,
        totals.label_fourth,
        totals.error_label_square
    from {{ ref('int_performance_window') }} as windowed
    inner join {{ ref('stg_monitors') }} as monitors
        on windowed.monitor = monitors.monitor and monitors.task = 'regression'
    left join totals
        on windowed.window_id = totals.window_id
),

valued as (
    select
        *,
        {{ ratio('error_square_sum', 'labeled_rows') }} as mean_square,
        {{ ratio('error_square_sum', 'label_variation') }} as unexplained,
        {{ ratio('absolute_error_sum', 'absolute_label_sum') }} as relative_error
    from keyed
),

spread as (
    select
        *,
        -- What rounding leaves of errors that are all the same share is no variance.
        {% for name, total, least in [
            ('unexplained_square_sum', 'error_fourth_sum - 2 * unexplained * error_label_square'
                ~ ' + power(unexplained, 2) * label_fourth', 'error_fourth_sum'),
            ('relative_square_sum', 'error_square_sum - 2 * relative_error'
                ~ ' * absolute_error_label_sum + power(relative_error, 2) * label_square_sum',
                'error_square_sum'),
        ] %}
        case when {{ total }} > 1e-12 * {{ least }} then {{ total }} end as {{ name }},
        {% endfor %}
        {{ ratio('labeled_rows', 'labeled_rows - 1') }} as small_sample
    from valued
),

beside_their_month as (
    select
        windowed.*,
        {{ ratio('windowed.labeled_rows', 'last_month.labeled_rows') }} as part_of_rows,
        {{ ratio('windowed.percentage_rows', 'last_month.percentage_rows') }}
            as part_of_percentage_rows,
        {% for metric, value_sum, square_sum, row_count in means %}
        {{ ratio('last_month.' ~ value_sum, 'last_month.' ~ row_count) }} as month_{{ metric }},
        {{ row_variance('last_month.' ~ value_sum, 'last_month.' ~ square_sum,
            'last_month.' ~ row_count) }} as month_{{ metric }}_variance,
        {% endfor %}
        last_month.relative_error as month_relative_error,
        {{ ratio('last_month.relative_square_sum', 'last_month.labeled_rows') }}
            as month_relative_variance,
        last_month.unexplained as month_unexplained,
        {{ ratio('last_month.unexplained_square_sum', 'last_month.labeled_rows') }}
            as month_unexplained_variance,
        {{ ratio('last_month.label_variation', 'last_month.labeled_rows') }}
            as month_label_variance,
        windowed.day_variation
        + windowed.labeled_rows * power(windowed.mean_label - last_month.mean_label, 2)
            as variation_in_month
    from spread as windowed
    left join spread as last_month
        on
            windowed.window_days = 1
            and last_month.window_days = 30
            and {{ same_columns('windowed', 'last_month', [
                'monitor', 'model_version', 'traffic', 'segment_name', 'segment_value',
                'metric_date',
            ]) }}
),

estimates as (
    {% for metric, value_sum, square_sum, row_count in means %}
    {%- set error = mean_standard_error(value_sum, square_sum, row_count) %}
    {%- set part = 'part_of_rows' if row_count == 'labeled_rows' else 'part_of_percentage_rows' %}
    select
        {{ keys }},
        cast({{ row_count }} as bigint) as rarer_rows,
        '{{ metric }}' as metric_name,
        'loss' as scale,
        {% if metric == 'rmse' %}
        sqrt(mean_square) as metric_value,
        {{ error }} / nullif(2 * sqrt(mean_square), 0) as standard_error,
        {% else %}
        {{ ratio(value_sum, row_count) }} as metric_value,
        {{ error }} as standard_error,
        {% endif %}
        power({{ value_sum }} - month_{{ metric }} * {{ row_count }}, 2) as pull_square,
        month_{{ metric }}_variance * {{ row_count }} * (1 - {{ part }}) as pull_variance,
        {{ part }} as part_of_month
    from beside_their_month
    union all
    {% endfor %}
    select
        {{ keys }},
        labeled_rows as rarer_rows,
        'wape',
        'loss',
        relative_error,
        sqrt(small_sample * relative_square_sum) / nullif(absolute_label_sum, 0),
        power(absolute_error_sum - month_relative_error * absolute_label_sum, 2),
        month_relative_variance * labeled_rows * (1 - part_of_rows),
        part_of_rows
    from beside_their_month
    union all
    select
        {{ keys }},
        labeled_rows as rarer_rows,
        'r2',
        'unexplained',
        1 - unexplained,
        sqrt(small_sample * unexplained_square_sum) / nullif(label_variation, 0),
        power(
            (error_square_sum - month_unexplained * variation_in_month) / month_label_variance, 2
        ),
        month_unexplained_variance * labeled_rows * (1 - part_of_rows)
        / power(month_label_variance, 2),
        part_of_rows
    from beside_their_month
)

select
    {{ keys }},
    rarer_rows,
    metric_name,
    scale,
    metric_value,
    cast(null as {{ type_double() }}) as trials,
    standard_error,
    cast(0 as {{ type_double() }}) as error_bound,
    cast(0 as {{ type_double() }}) as excess,
    pull_square,
    pull_variance,
    part_of_month
from estimates
