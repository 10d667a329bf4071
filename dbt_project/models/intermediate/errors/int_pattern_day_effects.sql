{#- How much more the loss of a pattern varies over the last 30 days than that of independent rows
    would: the variance of its mean, and of its gap to the mean of all rows, from what each day
    pulls them, over that from rows alone. -#}
{%- set pattern = ['pattern_kind', 'monitor', 'segment_name', 'segment_value', 'feature_name',
    'bin_id'] -%}
{%- set group = ['pattern_kind', 'monitor', 'segment_name', 'feature_name'] -%}
with

daily as (
    select
        {{ pattern | join(', ') }},
        metric_date,
        labeled_rows,
        loss_sum,
        sum(labeled_rows) over day_of_group as all_labeled_rows,
        sum(loss_sum) over day_of_group as all_loss_sum,
        count(*) over day_of_group as patterns_of_day
    from {{ ref('int_pattern_daily') }}
    where traffic = 'live'
    window day_of_group as (partition by {{ group | join(', ') }}, metric_date)
),

pulls as (
    select
        {{ select_columns('months', pattern + ['metric_date']) }},
        daily.patterns_of_day,
        (daily.loss_sum - months.loss_sum / months.labeled_rows * daily.labeled_rows)
        / months.labeled_rows as pull,
        (
            daily.all_loss_sum
            - months.all_loss_sum / months.all_labeled_rows * daily.all_labeled_rows
        ) / months.all_labeled_rows as pull_of_all
    from {{ ref('int_pattern_window') }} as months
    inner join {{ ref('int_window_days') }} as windows
        on
            months.window_days = 30
            and windows.window_days = 30
            and {{ same_columns('months', 'windows', ['monitor', 'metric_date']) }}
    inner join daily
        on
            {{ same_columns('months', 'daily', pattern) }}
            and windows.member_date = daily.metric_date
),

pulled as (
    select
        {{ pattern | join(', ') }},
        metric_date,
        cast(count(*) as {{ type_double() }}) as day_count,
        sum(pull * pull) as pull_squares,
        sum(pull * (pull - 2 * pull_of_all)) as own_part,
        sum(pull_of_all * pull_of_all / patterns_of_day) as part_of_all
    from pulls
    group by {{ pattern | join(', ') }}, metric_date
),

-- The gap is pulled on days without a row of the pattern too, by all others.
gaps as (
    select
        *,
        own_part + sum(part_of_all) over (
            partition by {{ group | join(', ') }}, metric_date
        ) as gap_pull_squares
    from pulled
),

compared as (
    select
        {{ select_columns('gaps', pattern + ['metric_date']) }},
        gaps.day_count,
        gaps.pull_squares * gaps.day_count / nullif(gaps.day_count - 1, 0) as day_variance,
        gaps.gap_pull_squares * gaps.day_count / nullif(gaps.day_count - 1, 0)
            as day_gap_variance,
        {{ mean_variance('months.') }} as row_variance,
        {{ gap_variance('months.') }} as row_gap_variance
    from gaps
    inner join {{ ref('int_pattern_window') }} as months
        on
            {{ same_columns('gaps', 'months', pattern + ['metric_date']) }}
            and months.window_days = 30
)

select
    {{ pattern | join(', ') }},
    metric_date,
    day_count,
    greatest(day_variance / row_variance, 1) as design_effect,
    greatest(day_gap_variance / row_gap_variance, 1) as gap_design_effect
from compared
