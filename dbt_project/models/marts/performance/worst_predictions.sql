{#- The 20 rows (of rankings queries) of each week that a version was furthest off on, among
    those of its days. -#}
with

-- 1 January 1900 was a Monday.
dated as (
    select
        worst.*,
        as_of.as_of,
        {% set days = days_between('worst.metric_date', "cast('1900-01-01' as date)") %}
        {{ add_days('worst.metric_date', '-mod(' ~ days ~ ', 7)') }} as monday
    from {{ ref('int_worst_rows_daily') }} as worst
    inner join {{ ref('int_as_of') }} as as_of
        on worst.monitor = as_of.monitor and worst.metric_date <= as_of.as_of
),

-- Days that were counted before the task had its worst rows have none: their week would be a part
-- of a week.
in_part as (
    select distinct
        days.monitor,
        days.model_version,
        {% set days = days_between('days.metric_date', "cast('1900-01-01' as date)") %}
        {{ add_days('days.metric_date', '-mod(' ~ days ~ ', 7)') }} as monday
    from {{ ref('int_performance_daily') }} as days
    inner join {{ ref('stg_monitors') }} as monitors
        on days.monitor = monitors.monitor
    left join {{ ref('int_worst_rows_daily') }} as worst
        on
            {{ same_columns('days', 'worst', ['monitor', 'model_version', 'metric_date']) }}
            and worst.error_rank = 1
    where
        days.segment_name = 'overall'
        and days.traffic = 'live'
        and {{ error_count('monitors.task', 'days') | indent(8) }} > 0
        and worst.monitor is null
),

ranked as (
    select
        *,
        row_number() over (
            partition by monitor, model_version, monday
            order by
                abs(score - label) desc, metric_date, {{ byte_order('inference_id') }},
                {{ byte_order('answered_by') }}
        ) as rank_of_week
    from dated
    where not exists (
        select 1
        from in_part
        where {{ same_columns('dated', 'in_part', ['monitor', 'model_version', 'monday']) }}
    )
)

select
    monitor,
    model_version,
    monday as week,  -- noqa: RF04
    least({{ add_days('monday', 6) }}, as_of) as metric_date,
    cast(rank_of_week as integer) as error_rank,
    metric_date as predicted_on,
    inference_id,
    answered_by,
    score,
    label,
    abs(score - label) as absolute_error,
    loss,
    actual_class,
    called_class
from ranked
where rank_of_week <= 20
