{#- How complete the labels of a day were at each age it has reached, beside the 28 days before it
    at the same age. A small table: a view would rest on the as-of day, which PostgreSQL drops and
    makes anew in each build, and the view with it. -#}
with

-- A row per day and age, from the day itself to the last one that is over.
ages as (
    select
        days.monitor,
        days.metric_date,
        days.row_count,
        monitors.label_horizon_days,
        {{ days_between('reached.reached_date', 'days.metric_date') }} as label_age_days
    from (
        select monitor, metric_date, sum(row_count) as row_count
        from {{ ref('int_label_ages_daily') }}
        group by monitor, metric_date
    ) as days
    inner join {{ ref('stg_monitors') }} as monitors
        on days.monitor = monitors.monitor
    inner join {{ ref('int_as_of') }} as as_of
        on days.monitor = as_of.monitor
    {{ explode_days_of(
        'days.metric_date',
        'least(' ~ add_days('days.metric_date', label_age_cap('monitors.label_horizon_days'))
        ~ ', as_of.last_whole_day)',
        'reached', 'reached_date'
    ) }}
),

known as (
    select
        ages.*,
        {{ days_between('ages.metric_date', never('before')) }} as day_number,
        -- A label that is reported again was known before; days counted without that have the last
        -- report alone.
        sum(coalesce(labels.known_labels, labels.row_count, 0)) over (
            partition by ages.monitor, ages.metric_date order by ages.label_age_days
            rows between unbounded preceding and current row
        ) as known_rows
    from ages
    left join {{ ref('int_label_ages_daily') }} as labels
        on
            ages.monitor = labels.monitor
            and ages.metric_date = labels.metric_date
            and ages.label_age_days = labels.label_age_days
),

-- All of them reached the age before this day did.
compared as (
    select
        *,
        sum(known_rows) over before_window as known_before,
        sum(row_count) over before_window as rows_before,
        count(*) over before_window as days_before
    from known
    window before_window as (
        partition by monitor, label_age_days order by day_number
        range between 28 preceding and 1 preceding
    )
)

select
    monitor,
    'serving' as model_version,
    metric_date,
    'overall' as segment_name,
    'all' as segment_value,
    cast(label_age_days as integer) as label_age_days,
    {{ ratio('known_rows', 'row_count') }} as label_coverage,
    case when days_before >= 7 then {{ ratio('known_before', 'rows_before') }} end
        as expected_coverage,
    cast(known_rows as bigint) as known_rows,
    cast(row_count as bigint) as row_count,
    label_age_days >= label_horizon_days as is_mature
from compared
