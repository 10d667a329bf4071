{{ config(materialized='view') }}
{#- What performance was known to be on the days after a window: a row for each day on which more,
    or something else, became known, good until the next one. All of it is what facts of label ages
    add up to, for the days that performance has; neither is replaced by a build. -#}
{%- set window_key = ['monitor', 'window_days', 'metric_date'] -%}
{%- set measures = known_counts() + known_sums() -%}
{%- set metrics = [
    ('accuracy', 'correct', 'labeled_rows'),
    ('precision', 'true_positives', 'true_positives + false_positives'),
    ('recall', 'true_positives', 'true_positives + false_negatives'),
    ('f1', '2 * true_positives', '2 * true_positives + false_positives + false_negatives'),
    ('log_loss', 'log_loss_sum', 'labeled_rows'),
    ('brier', 'brier_sum', 'labeled_rows'),
    ('mae', 'absolute_error_sum', 'labeled_rows'),
    ('rmse', 'error_square_sum', 'labeled_rows'),
    ('wape', 'absolute_error_sum', 'absolute_label_sum'),
    ('mape', 'percentage_error_sum', 'percentage_rows'),
] -%}
{%- set age = 'case when is_mature then greatest(label_age_days, label_horizon_days) '
    ~ 'else label_age_days end' -%}
with

-- Facts of sealed days after the as-of day are there, and not seen.
spans as (
    select
        facts.monitor,
        min(facts.metric_date) as first_day,
        least(max(facts.metric_date), max(seen.last_day)) as last_day,
        max(seen.last_day) as known_to
    from {{ ref('int_label_ages_daily') }} as facts
    inner join (
        select monitor, max(metric_date) as last_day
        from {{ ref('performance') }}
        group by monitor
    ) as seen
        on facts.monitor = seen.monitor
    group by facts.monitor
),

-- The rows of a day are there from the day on, with nothing known of them yet, in the measures of
-- the task. Days that were counted before there were such sums have none, nor has a window that
-- holds one.
changes as (
    select
        monitor, metric_date, 0 as label_age_days, sum(row_count) as row_count,
        min(label_horizon_days) as label_horizon_days,
        max(case when label_horizon_days is null then 1 else 0 end) as is_unknown,
        {% for measure in measures %}
        0 * min({{ measure }}) as {{ measure }}{{ ',' if not loop.last }}
        {% endfor %}
    from {{ ref('int_label_ages_daily') }}
    group by monitor, metric_date
    union all
    select
        monitor, metric_date, label_age_days, 0, label_horizon_days, 0,
        {{ measures | join(', ') }}
    from {{ ref('int_label_ages_daily') }}
    where label_age_days >= 0
),

-- Of each window that holds the day, whole ones, after how many days from its end.
windowed as (
    select
        changes.monitor,
        windows.window_days,
        ends.window_end as metric_date,
        greatest(
            changes.label_age_days - {{ days_between('ends.window_end', 'changes.metric_date') }}, 0
        ) as label_age_days,
        changes.row_count,
        changes.label_horizon_days,
        changes.is_unknown,
        {{ select_columns('changes', measures) }}
    from changes
    inner join spans
        on changes.monitor = spans.monitor
    cross join (values (1), (7), (30)) as windows (window_days)
    {{ explode_days_of(
        'changes.metric_date',
        'least(' ~ add_days('changes.metric_date', 'windows.window_days - 1') ~ ', spans.last_day)',
        'ends', 'window_end'
    ) }}
    where ends.window_end >= {{ add_days('spans.first_day', 'windows.window_days - 1') }}
),

changed as (
    select
        {{ window_key | join(', ') }},
        label_age_days,
        sum(row_count) as row_count,
        min(label_horizon_days) as label_horizon_days,
        max(is_unknown) as is_unknown,
        {% for measure in measures %}
        sum({{ measure }}) as {{ measure }}{{ ',' if not loop.last }}
        {% endfor %}
    from windowed
    group by {{ window_key | join(', ') }}, label_age_days
),

-- As far as the ages of all days of the window are told apart.
known as (
    select
        {{ window_key | join(', ') }},
        label_age_days,
        lead(label_age_days) over in_order as next_age,
        min(label_horizon_days) over whole as label_horizon_days,
        {{ label_age_cap('min(label_horizon_days) over whole') }} + 1 - window_days as last_age,
        max(is_unknown) over whole as is_unknown,
        {% for measure in ['row_count'] + measures %}
        sum({{ measure }}) over by_age as {{ measure }}{{ ',' if not loop.last }}
        {% endfor %}
    from changed
    window
        whole as (partition by {{ window_key | join(', ') }}),
        in_order as (partition by {{ window_key | join(', ') }} order by label_age_days),
        by_age as (
            partition by {{ window_key | join(', ') }} order by label_age_days
            rows between unbounded preceding and current row
        )
),

beside_the_largest as (
    select
        *,
        least(coalesce(next_age - 1, last_age), last_age) as through_age,
        {% for sum in known_sums() %}
        max(abs({{ sum }})) over by_age as largest_{{ sum }}{{ ',' if not loop.last }}
        {% endfor %}
    from known
    where is_unknown = 0 and label_age_days <= last_age
    window
        by_age as (
            partition by {{ window_key | join(', ') }} order by label_age_days
            rows between unbounded preceding and current row
        )
),

-- Of a value that was taken back rounding may leave more than what stands now.
summed as (
    select
        {{ window_key | join(', ') }},
        label_age_days,
        through_age,
        label_horizon_days,
        row_count,
        {{ known_counts() | join(', ') }},
        {% for sum in known_sums() %}
        case when abs({{ sum }}) >= 1e-9 * largest_{{ sum }} then {{ sum }} end as {{ sum }},
        largest_{{ sum }},
        {% endfor %}
        coalesce(correct_rows, labeled_rows - false_positives - false_negatives) as correct
    from beside_the_largest
),

measured as (
    select
        summed.*,
        spans.known_to,
        metric_names.metric_name,
        maturity.is_mature,
        -- Of labels that were all taken back rounding may leave something.
        case case when summed.labeled_rows > 0 then metric_names.metric_name end
            {% for name, numerator, denominator in metrics %}
            when '{{ name }}' then {{ ratio('(' ~ numerator ~ ')', '(' ~ denominator ~ ')') }}
            {% endfor %}
        end as mean_value,
        case metric_names.metric_name
            {% for name, numerator, denominator in metrics %}
            {% set measure = numerator.split(' ')[-1] %}
            {% set counted = ('largest_' if measure in known_sums() else '') ~ measure %}
            when '{{ name }}' then summed.{{ counted }} is not null
            {% endfor %}
        end as is_of_task
    from summed
    inner join spans
        on summed.monitor = spans.monitor
    cross join (values {% for name, numerator, denominator in metrics -%}
        ('{{ name }}'){{ ', ' if not loop.last }}
        {%- endfor %}) as metric_names (metric_name)
    -- What stands through the label horizon has a row before it and one from it on.
    inner join (values (false), (true)) as maturity (is_mature)
        on
            (maturity.is_mature and summed.through_age >= summed.label_horizon_days)
            or (not maturity.is_mature and summed.label_age_days < summed.label_horizon_days)
)

select
    monitor,
    'serving' as model_version,
    metric_date,
    window_days,
    'overall' as segment_name,
    'all' as segment_value,
    metric_name,
    cast({{ age }} as integer) as label_age_days,
    {{ add_days('metric_date', age) }} as known_on,
    least({{ add_days('metric_date',
        'case when is_mature then through_age else least(through_age, label_horizon_days - 1) end'
    ) }}, known_to) as known_through,
    case
        when metric_name <> 'rmse' or mean_value is null then mean_value
        else sqrt(greatest(mean_value, 0))
    end as metric_value,
    cast(row_count as bigint) as row_count,
    cast(labeled_rows as bigint) as labeled_rows,
    {{ ratio('known_labels', 'row_count') }} as label_coverage,
    is_mature
from measured
-- What holds from tomorrow on is not known yet.
where is_of_task and {{ add_days('metric_date', age) }} <= known_to
