{#- Quartiles of finite values, linear inside cells; values outside the reference's range count at
    its ends. -#}
with

cells as (
    select
        windowed.series_id,
        windowed.metric_date,
        windows.window_days,
        windowed.cell_id,
        bins.lower_bound,
        bins.upper_bound,
        case windows.window_days
            when 1 then windowed.rows_1 when 7 then windowed.rows_7 else windowed.rows_30
        end as cell_rows
    from {{ ref('int_feature_window') }} as windowed
    inner join {{ ref('int_feature_series') }} as series
        on windowed.series_id = series.series_id and series.feature_kind = 'numeric'
    inner join {{ ref('int_feature_cells') }} as bins
        on
            series.monitor = bins.monitor
            and series.feature_name = bins.feature_name
            and series.grain = bins.grain
            and windowed.cell_id = bins.cell_id
    cross join (values (1), (7), (30)) as windows (window_days)
    where windowed.cell_id >= 0
),

running as (
    select
        *,
        sum(cell_rows) over (
            partition by series_id, metric_date, window_days order by cell_id
        ) as rows_through,
        sum(cell_rows) over (partition by series_id, metric_date, window_days) as total_rows
    from cells
    where cell_rows > 0
),

quartiles as (
    select
        series_id,
        metric_date,
        window_days,
        max({{ quantile_in_cell(0.25, 'cell_rows') }}) as p25,
        max({{ quantile_in_cell(0.5, 'cell_rows') }}) as median,
        max({{ quantile_in_cell(0.75, 'cell_rows') }}) as p75
    from running
    group by series_id, metric_date, window_days
)

select
    series.monitor,
    quartiles.metric_date,
    series.segment_name,
    series.segment_value,
    series.feature_name,
    quartiles.window_days,
    quartiles.p25,
    quartiles.median,
    quartiles.p75
from quartiles
inner join {{ ref('int_feature_series') }} as series
    on quartiles.series_id = series.series_id
