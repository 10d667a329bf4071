{#- Quartiles of finite values, linear inside cells; values outside the reference's range count at
    its ends. -#}
with

cells as (
    select
        windowed.monitor,
        windowed.metric_date,
        windowed.segment_name,
        windowed.segment_value,
        windowed.feature_name,
        windows.window_days,
        bins.lower_bound,
        bins.upper_bound,
        case windows.window_days
            when 1 then windowed.rows_1 when 7 then windowed.rows_7 else windowed.rows_30
        end as cell_rows,
        windowed.cell_id
    from {{ ref('int_feature_window') }} as windowed
    inner join {{ ref('int_feature_cells') }} as bins
        on
            windowed.monitor = bins.monitor
            and windowed.feature_name = bins.feature_name
            and windowed.cell_id = bins.cell_id
            and bins.grain
            = case when windowed.segment_name = 'overall' then 'fine' else 'public' end
    cross join (values (1), (7), (30)) as windows (window_days)
    where bins.feature_kind = 'numeric' and windowed.cell_id >= 0
),

running as (
    select
        *,
        sum(cell_rows) over (feature_window order by cell_id) as rows_through,
        sum(cell_rows) over feature_window as total_rows
    from cells
    where cell_rows > 0
    window
        feature_window as (
            partition by
                monitor, metric_date, segment_name, segment_value, feature_name, window_days
        )
)

select
    monitor,
    metric_date,
    segment_name,
    segment_value,
    feature_name,
    window_days,
    max({{ quantile_in_cell(0.25, 'cell_rows') }}) as p25,
    max({{ quantile_in_cell(0.5, 'cell_rows') }}) as median,
    max({{ quantile_in_cell(0.75, 'cell_rows') }}) as p75
from running
group by monitor, metric_date, segment_name, segment_value, feature_name, window_days
