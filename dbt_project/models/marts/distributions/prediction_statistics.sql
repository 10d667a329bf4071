{{ config(materialized='incremental', incremental_strategy='changed_days',
    meta={'days': 'int_affected_days'}) }}
with

cell_bounds as (
    select
        monitor,
        min(lower_bound) filter (where bin_kind = 'interval') as smallest,
        max(upper_bound) filter (where bin_kind = 'interval') as largest
    from {{ ref('int_prediction_cells') }}
    group by monitor
),

outside as (
    select
        series.monitor,
        series.model_version,
        windowed.metric_date,
        series.segment_name,
        series.segment_value,
        sum(windowed.rows_1) as rows_1,
        sum(windowed.rows_7) as rows_7,
        sum(windowed.rows_30) as rows_30
    from {{ ref('int_prediction_window') }} as windowed
    inner join {{ ref('int_prediction_series') }} as series
        on windowed.series_id = series.series_id
    inner join {{ ref('int_prediction_cells') }} as cells
        on
            series.monitor = cells.monitor
            and series.grain = cells.grain
            and windowed.cell_id = cells.cell_id
            and cells.bin_kind in ('below', 'above')
    group by
        series.monitor, series.model_version, windowed.metric_date, series.segment_name,
        series.segment_value
)

select
    windowed.monitor,
    windowed.model_version,
    windowed.metric_date,
    windowed.window_days,
    windowed.segment_name,
    windowed.segment_value,
    windowed.row_count,
    windowed.null_scores as null_count,
    windowed.score_sum / nullif(windowed.row_count - windowed.null_scores, 0) as mean,
    case
        when
            windowed.min_score = windowed.max_score
            and windowed.row_count > windowed.null_scores + 1
            then 0
        -- What rounding leaves of numbers far from 0 is no spread.
        when
            greatest(abs(windowed.min_score), abs(windowed.max_score)) <= 1
            or windowed.score_square_sum - power(windowed.score_sum, 2)
            / nullif(windowed.row_count - windowed.null_scores, 0)
            > 1e-10 * windowed.score_square_sum
            then sqrt(greatest(
                windowed.score_square_sum
                - power(windowed.score_sum, 2)
                / nullif(windowed.row_count - windowed.null_scores, 0), 0
            ) / nullif(greatest(windowed.row_count - windowed.null_scores - 1, 0), 0))
    end as stddev,
    windowed.min_score as min_value,
    quantiles.p05,
    quantiles.p25,
    quantiles.median,
    quantiles.p75,
    quantiles.p95,
    windowed.max_score as max_value,
    quantiles.confidence_p05,
    quantiles.confidence_p25,
    quantiles.confidence_median,
    quantiles.confidence_p75,
    quantiles.confidence_p95,
    {{ ratio(
        'case windowed.window_days when 1 then outside.rows_1 when 7 then outside.rows_7'
        ~ ' else outside.rows_30 end',
        'windowed.row_count - windowed.null_scores'
    ) }} as out_of_range_share,
    cell_bounds.smallest as reference_min,
    cell_bounds.largest as reference_max
from {{ ref('int_performance_window') }} as windowed
left join {{ ref('int_score_quantiles') }} as quantiles
    on
        windowed.monitor = quantiles.monitor
        and windowed.model_version = quantiles.model_version
        and windowed.metric_date = quantiles.metric_date
        and windowed.window_days = quantiles.window_days
        and windowed.segment_name = quantiles.segment_name
        and windowed.segment_value = quantiles.segment_value
left join outside
    on
        windowed.monitor = outside.monitor
        and windowed.model_version = outside.model_version
        and windowed.metric_date = outside.metric_date
        and windowed.segment_name = outside.segment_name
        and windowed.segment_value = outside.segment_value
left join cell_bounds
    on windowed.monitor = cell_bounds.monitor
where windowed.traffic = 'live' and windowed.window_days <> 28 and windowed.has_rows
