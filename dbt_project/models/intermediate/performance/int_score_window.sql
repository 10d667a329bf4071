{#- Score cells over the windows of int_performance_window, cells without rows left out; and those
    of each class, under a window_id of its own. -#}
with

members as (
    select
        windowed.window_id, windowed.monitor, windowed.model_version, windowed.traffic,
        windowed.segment_name, windowed.segment_value, windows.member_date
    from {{ ref('int_performance_window') }} as windowed
    inner join {{ ref('int_window_days') }} as windows
        on
            windowed.monitor = windows.monitor
            and windowed.metric_date = windows.metric_date
            and windowed.window_days = windows.window_days
)

{%- set same_key = same_columns('members', 'facts', [
    'monitor', 'model_version', 'traffic', 'segment_name', 'segment_value',
]) %}

select
    members.window_id,
    facts.score_cell,
    cast(sum(facts.row_count) as bigint) as row_count,
    cast(sum(facts.labeled_rows) as bigint) as labeled_rows,
    cast(sum(facts.positive_rows) as bigint) as positive_rows,
    sum(facts.score_sum) as score_sum,
    sum(facts.labeled_score_sum) as labeled_score_sum
from members
inner join {{ ref('int_score_histogram_daily') }} as facts
    on {{ same_key }} and members.member_date = facts.metric_date
group by members.window_id, facts.score_cell
union all
select
    {{ class_window('members.window_id', 'facts.class_position') }},
    facts.score_cell,
    cast(sum(facts.labeled_rows) as bigint),
    cast(sum(facts.labeled_rows) as bigint),
    cast(sum(facts.positive_rows) as bigint),
    cast(null as {{ type_double() }}),
    cast(null as {{ type_double() }})
from members
inner join {{ ref('int_class_histogram_daily') }} as facts
    on
        {{ same_key | indent(4) }}
        and members.member_date = facts.metric_date
        and facts.class_position > 0
group by members.window_id, facts.class_position, facts.score_cell
