{#- Score cells over the same windows as int_performance_window, cells without rows left out. -#}
{%- set counts = ['row_count', 'labeled_rows', 'positive_rows'] -%}
{%- set sums = ['score_sum', 'labeled_score_sum'] -%}
with

cells as (
    select distinct
        monitor, model_version, traffic, segment_name, segment_value, score_cell
    from {{ ref('int_score_histogram_daily') }}
),

key_days as (
    select
        monitor, model_version, traffic, segment_name, segment_value, metric_date, first_day,
        last_day
    from {{ ref('int_performance_window') }}
    where window_days = 1
),

daily as (
    select
        key_days.*,
        cells.score_cell,
        {% for column in counts + sums %}
        coalesce(facts.{{ column }}, 0) as {{ column }}{{ ',' if not loop.last }}
        {% endfor %}
    from key_days
    inner join cells
        on
            key_days.monitor = cells.monitor
            and key_days.model_version = cells.model_version
            and key_days.traffic = cells.traffic
            and key_days.segment_name = cells.segment_name
            and key_days.segment_value = cells.segment_value
    left join {{ ref('int_score_histogram_daily') }} as facts
        on
            key_days.monitor = facts.monitor
            and key_days.model_version = facts.model_version
            and key_days.traffic = facts.traffic
            and key_days.segment_name = facts.segment_name
            and key_days.segment_value = facts.segment_value
            and key_days.metric_date = facts.metric_date
            and cells.score_cell = facts.score_cell
),

trailing_sums as (
    select
        *,
        {% for column in counts + sums %}
        {% for window_days in [7, 30] %}
        sum({{ column }}) over (
            cell_days rows between {{ window_days - 1 }} preceding and current row
        ) as {{ column }}_{{ window_days }}{{ ',' if not (loop.last and column == sums[-1]) }}
        {% endfor %}
        {% endfor %}
    from daily
    window
        cell_days as (
            partition by
                monitor, model_version, traffic, segment_name, segment_value, score_cell
            order by metric_date
        )
),

rolling_windows as (
    select
        trailing_sums.monitor, trailing_sums.model_version, trailing_sums.traffic,
        trailing_sums.segment_name, trailing_sums.segment_value, trailing_sums.metric_date,
        windows.window_days,
        trailing_sums.score_cell,
        {% for column in counts + sums %}
        case windows.window_days
            when 1 then trailing_sums.{{ column }}
            when 7 then trailing_sums.{{ column }}_7
            else trailing_sums.{{ column }}_30
        end as {{ column }}{{ ',' if not loop.last }}
        {% endfor %}
    from trailing_sums
    cross join (values (1), (7), (30)) as windows (window_days)
),

-- The 28 days of the stable window (live) and of the newest held-out weeks (holdout).
standing_windows as (
    select
        facts.monitor, facts.model_version, facts.traffic, facts.segment_name,
        facts.segment_value,
        ends.metric_date,
        28 as window_days,
        facts.score_cell,
        {% for column in counts + sums %}
        sum(facts.{{ column }}) as {{ column }}{{ ',' if not loop.last }}
        {% endfor %}
    from {{ ref('int_performance_window') }} as ends
    inner join {{ ref('int_score_histogram_daily') }} as facts
        on
            ends.monitor = facts.monitor
            and ends.model_version = facts.model_version
            and ends.traffic = facts.traffic
            and ends.segment_name = facts.segment_name
            and ends.segment_value = facts.segment_value
            and facts.metric_date <= ends.metric_date
            and facts.metric_date > ends.metric_date - 28
    where ends.window_days = 28
    group by
        facts.monitor, facts.model_version, facts.traffic, facts.segment_name,
        facts.segment_value, ends.metric_date, facts.score_cell
),

final as (
    select * from rolling_windows
    union all
    select * from standing_windows
)

select
    monitor, model_version, traffic, segment_name, segment_value, metric_date, window_days,
    score_cell,
    {% for column in counts %}
    cast({{ column }} as bigint) as {{ column }},
    {% endfor %}
    {{ sums | join(', ') }}
from final
where row_count > 0
