{{ config(materialized='incremental', incremental_strategy='changed_days',
    meta={'days': 'int_affected_days'}) }}
{#- Scored rows per day, version, segment value and frozen cell. A day's rows are placed again when
    they changed, and all days when the cells were frozen: both are inputs of the day. -#}
with

score_rows as (
    select
        facts.monitor, facts.model_version, facts.traffic, facts.metric_date,
        facts.segment_name, facts.segment_value, facts.row_count,
        case
            when facts.segment_name = 'overall'
                then cast(floor(facts.score_cell / 5.0) as integer)
            else facts.score_cell
        end as score_cell
    from {{ ref('int_score_histogram_daily') }} as facts
    inner join {{ ref('int_affected_days') }} as days
        on facts.monitor = days.monitor and facts.metric_date = days.metric_date
),

counted as (
    select
        rows_scored.monitor, rows_scored.model_version, rows_scored.traffic,
        rows_scored.metric_date, rows_scored.segment_name, rows_scored.segment_value,
        cells.bins_version, cells.cell_id, cells.bin_id, rows_scored.row_count
    from score_rows as rows_scored
    inner join {{ ref('int_prediction_cells') }} as cells
        on
            rows_scored.monitor = cells.monitor
            and rows_scored.score_cell between cells.from_cell and cells.to_cell
            and cells.grain
            = case when rows_scored.segment_name = 'overall' then 'fine' else 'public' end
    union all
    select
        facts.monitor, facts.model_version, facts.traffic, facts.metric_date,
        facts.segment_name, facts.segment_value, cells.bins_version, cells.cell_id,
        cells.bin_id,
        case
            when cells.bin_kind = 'null' then facts.null_scores else facts.invalid_scores
        end
    from {{ ref('int_performance_daily') }} as facts
    inner join {{ ref('int_affected_days') }} as days
        on facts.monitor = days.monitor and facts.metric_date = days.metric_date
    inner join {{ ref('int_prediction_cells') }} as cells
        on
            facts.monitor = cells.monitor
            and cells.bin_kind in ('null', 'invalid')
            and cells.grain
            = case when facts.segment_name = 'overall' then 'fine' else 'public' end
)

select
    monitor, model_version, traffic, metric_date, segment_name, segment_value, bins_version,
    cell_id, bin_id,
    cast(sum(row_count) as bigint) as row_count
from counted
group by
    monitor, model_version, traffic, metric_date, segment_name, segment_value, bins_version,
    cell_id, bin_id
having sum(row_count) > 0
