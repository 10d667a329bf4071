{#- Score cells of the windows whose versions are calibrated, by the version that scored their rows,
    with what its map says of them. -#}
with

windowed as (
    select
        scorers.window_id,
        scorers.model_version,
        scorers.scorer_count,
        windows.monitor,
        windows.segment_name,
        windows.segment_value,
        windows.metric_date,
        windows.window_days,
        case when windows.segment_name = 'overall' then 50 else 10 end as cells_per_unit
    from {{ ref('int_window_scorers') }} as scorers
    inner join {{ ref('int_performance_window') }} as windows
        on scorers.window_id = windows.window_id
    where scorers.is_calibrated
),

-- A version that answers a part of its rows and scores the others in shadow: facts hold both
-- together, and which is which was decided without the score. So its answers in a cell are its rows
-- there times the part of its rows of the day that it answered.
answered as (
    select
        windowed.window_id,
        windowed.model_version,
        scored.score_cell,
        sum({{ ratio('scored.row_count * daily.answered_rows', 'daily.row_count') }})
            as answered_rows
    from windowed
    inner join {{ ref('int_window_days') }} as windows
        on
            windowed.monitor = windows.monitor
            and windowed.metric_date = windows.metric_date
            and windowed.window_days = windows.window_days
    inner join {{ ref('int_performance_daily') }} as daily
        on
            windowed.monitor = daily.monitor
            and windowed.model_version = daily.model_version
            and windowed.segment_name = daily.segment_name
            and windowed.segment_value = daily.segment_value
            and windows.member_date = daily.metric_date
            and daily.traffic = 'live'
            and daily.answered_rows > 0
    inner join {{ ref('int_score_histogram_daily') }} as scored
        on {{ same_columns('daily', 'scored', [
            'monitor', 'model_version', 'traffic', 'metric_date', 'segment_name', 'segment_value',
        ]) }}
    where windowed.scorer_count > 1
    group by windowed.window_id, windowed.model_version, scored.score_cell
),

shared_out as (
    select
        *,
        answered_rows / sum(answered_rows) over (partition by window_id, score_cell) as part
    from answered
)

select
    windowed.window_id,
    windowed.monitor,
    windowed.model_version,
    found.score_cell,
    found.row_count * coalesce(shared_out.part, 1.0) as row_count,
    found.score_sum / found.row_count as mean_score,
    mapped.cells_per_unit,
    mapped.called_share,
    mapped.probability,
    mapped.label_variance,
    mapped.block_id,
    mapped.block_rows
from windowed
inner join {{ ref('int_score_window') }} as found
    on windowed.window_id = found.window_id
inner join {{ ref('int_calibration_map') }} as mapped
    on
        windowed.monitor = mapped.monitor
        and windowed.model_version = mapped.model_version
        and windowed.cells_per_unit = mapped.cells_per_unit
        and found.score_cell = mapped.score_cell
left join shared_out
    on
        windowed.window_id = shared_out.window_id
        and windowed.model_version = shared_out.model_version
        and found.score_cell = shared_out.score_cell
where windowed.scorer_count = 1 or shared_out.part > 0
