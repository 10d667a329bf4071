{{ config(materialized='view') }}
{#- What changed in the scores from one week to the next: a day against the same weekday of the week
    before, seven days against the seven before them. What such changes are without cause is learned
    from those of the days of four weeks: differences of weekdays are in none of them. It rests on a
    public relation alone, so that the published copy can have it as a view too. -#}
{%- set series = ['monitor', 'model_version', 'segment_name', 'segment_value'] -%}
{%- set measures = ['mean', 'p25', 'median', 'p75', 'confidence_p25', 'out_of_range_share'] -%}
with

measured as (
    select
        {{ select_columns('scores', series) }},
        scores.metric_date,
        scores.window_days,
        {{ days_between('scores.metric_date', never('before')) }} as day_number,
        cast(scores.row_count - scores.null_count as {{ type_double() }}) as scored_rows,
        metric_names.metric_name,
        case metric_names.metric_name
            {% for measure in measures %}
            when '{{ measure }}' then scores.{{ measure }}
            {% endfor %}
        end as metric_value
    from {{ ref('prediction_statistics') }} as scores
    cross join (
        values
        {% for measure in measures %}
        ('{{ measure }}'){{ ',' if not loop.last }}
        {% endfor %}
    ) as metric_names (metric_name)
    where scores.window_days in (1, 7) and scores.row_count > scores.null_count
),

known as (
    select * from measured
    where metric_value is not null
),

changed as (
    select
        today.*,
        week_ago.metric_value as value_week_before,
        week_ago.scored_rows as rows_week_before,
        -- What rounding makes of equal numbers is no change.
        case
            when
                abs(today.metric_value - week_ago.metric_value)
                <= 1e-10 * greatest(abs(today.metric_value), abs(week_ago.metric_value))
                then 0
            else today.metric_value - week_ago.metric_value
        end as value_change,
        1 / today.scored_rows + 1 / week_ago.scored_rows as inverse_size,
        (today.metric_value * today.scored_rows + week_ago.metric_value * week_ago.scored_rows + 1)
        / (today.scored_rows + week_ago.scored_rows + 2) as pooled_share
    from known as today
    left join known as week_ago
        on
            {{ same_columns('today', 'week_ago', series + ['window_days', 'metric_name']) }}
            and week_ago.metric_date = {{ add_days('today.metric_date', -7) }}
),

of_days as (
    select
        *,
        case when window_days = 1 then value_change end as day_change,
        case when window_days = 1 then inverse_size end as day_inverse_size,
        case when window_days = 1 then scored_rows end as day_rows
    from changed
),

-- The changes of days in the 28 days before the window, and how unevenly rows lie in seven days.
usual as (
    select
        *,
        {% for name in ['before_day', 'before_week'] %}
        avg(power(day_change, 2)) over {{ name }} as square_{{ name }},
        count(day_change) over {{ name }} as days_{{ name }},
        {% endfor %}
        avg(day_inverse_size) over before_day as usual_inverse_size,
        sum(power(day_rows, 2)) over one_week / power(sum(day_rows) over one_week, 2)
            as weight_of_day
    from of_days
    window
        {% for name, first, last in [('before_day', 28, '1 preceding'),
            ('before_week', 34, '7 preceding'), ('one_week', 6, 'current row')] %}
        {{ name }} as (
            partition by {{ series | join(', ') }}, metric_name order by day_number
            range between {{ first }} preceding and {{ last }}
        ){{ ',' if not loop.last }}
        {% endfor %}
),

weighed as (
    select
        *,
        case window_days when 7 then days_before_week else days_before_day end as usual_days,
        case window_days
            when 7 then square_before_week * weight_of_day
            else square_before_day * greatest(inverse_size / usual_inverse_size, 1)
        end as usual_square
    from usual
),

-- A share that was the same on all days is not certain for that. Neighbouring changes share a day,
-- so that two of three stand for themselves.
bounded as (
    select
        *,
        {{ ratio('1.5', 'usual_days') }} as inverse_degrees,
        case
            when usual_days >= 7
                then sqrt(greatest(
                    usual_square,
                    case
                        when metric_name = 'out_of_range_share'
                            then pooled_share * (1 - pooled_share) * inverse_size
                    end
                ))
        end as standard_error
    from weighed
),

judged as (
    select
        *,
        1.959963984540054 * standard_error * ({{ t_over_z('inverse_degrees') }}) as half_width,
        2.5758293035489004 * standard_error * ({{ t99_over_z('inverse_degrees') }})
            as change_null_p99
    from bounded
)

select
    monitor,
    model_version,
    metric_date,
    window_days,
    segment_name,
    segment_value,
    metric_name,
    metric_value,
    value_week_before,
    value_change,
    value_change - half_width as lower_bound,
    value_change + half_width as upper_bound,
    change_null_p99,
    cast(scored_rows as bigint) as scored_rows,
    cast(rows_week_before as bigint) as rows_week_before,
    case
        when value_change is null or change_null_p99 is null then 'insufficient_data'
        when abs(value_change) <= change_null_p99 then 'ok'
        when value_change < 0 then 'fell'
        else 'rose'
    end as status
from judged
