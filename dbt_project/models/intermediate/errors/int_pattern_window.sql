{#- Sums of each pattern over the 7 and 30 days that end on each affected day and over as many
    before them, beside those of all rows. -#}
{%- set pattern = ['pattern_kind', 'monitor', 'segment_name', 'segment_value', 'feature_name',
    'bin_id'] -%}
{#- All values of a segment, or bins of a feature: together all rows. -#}
{%- set group = ['pattern_kind', 'monitor', 'segment_name', 'feature_name'] -%}
{%- set counts = ['labeled_rows', 'positive_rows', 'false_positives', 'false_negatives'] -%}
{%- set sums = ['score_sum', 'loss_sum', 'loss_square_sum', 'error_sum'] -%}
{%- set compared = ['labeled_rows', 'loss_sum', 'loss_square_sum'] -%}
with

members as (
    select monitor, metric_date, window_days, member_date, false as is_previous
    from {{ ref('int_window_days') }}
    where window_days in (7, 30)
    union all
    select
        monitor, metric_date, window_days, {{ add_days('member_date', '-window_days') }}, true
    from {{ ref('int_window_days') }}
    where window_days in (7, 30)
),

windowed as (
    select
        {{ select_columns('daily', pattern) }},
        members.metric_date,
        members.window_days,
        {% for column in counts + sums %}
        sum(case when not members.is_previous then daily.{{ column }} end) as {{ column }},
        {% endfor %}
        sum(case when not members.is_previous then power(daily.loss_sum, 2) end)
            as day_loss_square_sum,
        {% for column in compared %}
        sum(case when members.is_previous then daily.{{ column }} end) as previous_{{ column }}
        {{- ',' if not loop.last }}
        {% endfor %}
    from members
    inner join {{ ref('int_pattern_daily') }} as daily
        on members.monitor = daily.monitor and members.member_date = daily.metric_date
    group by {{ select_columns('daily', pattern) }}, members.metric_date, members.window_days
),

-- Days with labelled rows, and those of them that the group has sums of: a day that was sealed
-- before there were such facts has none.
labeled_days as (
    select monitor, metric_date
    from {{ ref('int_performance_daily') }}
    where
        traffic = 'live'
        and model_version = 'serving'
        and segment_name = 'overall'
        and labeled_rows > 0
),

counted_days as (
    select distinct {{ group | join(', ') }}, metric_date
    from {{ ref('int_pattern_daily') }}
),

days_of_groups as (
    select distinct {{ group | join(', ') }}
    from counted_days
),

missing as (
    select
        {{ select_columns('days_of_groups', group) }},
        members.metric_date,
        members.window_days,
        {{ count_where('not members.is_previous') }} as missing_days,
        {{ count_where('members.is_previous') }} as previous_missing_days
    from members
    inner join labeled_days
        on
            members.monitor = labeled_days.monitor
            and members.member_date = labeled_days.metric_date
    inner join days_of_groups
        on members.monitor = days_of_groups.monitor
    left join counted_days
        on
            {{ same_columns('days_of_groups', 'counted_days', group) }}
            and labeled_days.metric_date = counted_days.metric_date
    where counted_days.monitor is null
    group by
        {{ select_columns('days_of_groups', group) }}, members.metric_date, members.window_days
)

select
    {{ select_columns('windowed', pattern + ['metric_date', 'window_days']) }},
    {% for column in counts %}
    cast(windowed.{{ column }} as bigint) as {{ column }},
    {% endfor %}
    {% for column in sums %}
    windowed.{{ column }},
    {% endfor %}
    windowed.day_loss_square_sum,
    {% for column in compared %}
    windowed.previous_{{ column }},
    {% endfor %}
    {% for column in compared %}
    sum(windowed.{{ column }}) over group_window as all_{{ column }},
    {% endfor %}
    coalesce(missing.missing_days, 0) as missing_days,
    coalesce(missing.previous_missing_days, 0) as previous_missing_days
from windowed
left join missing
    on {{ same_columns('windowed', 'missing', group + ['metric_date', 'window_days']) }}
where windowed.labeled_rows > 0
window group_window as (
    partition by {{ select_columns('windowed', group + ['metric_date', 'window_days']) }}
)
