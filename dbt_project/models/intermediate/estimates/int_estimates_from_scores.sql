{{ config(materialized='incremental', incremental_strategy='changed_days',
    meta={'days': 'int_affected_days'}) }}
{#- What metrics are expected to be from scores alone, beside what labels then showed. -#}
with

realised as (
    select
        windowed.monitor,
        windowed.model_version,
        windowed.traffic,
        windowed.segment_name,
        windowed.segment_value,
        windowed.metric_date,
        windowed.window_days,
        windowed.metric_name,
        windowed.metric_value as labeled_value,
        windowed.lower_bound as labeled_lower_bound,
        windowed.upper_bound as labeled_upper_bound,
        windowed.row_count,
        windowed.labeled_rows,
        windowed.is_whole_window,
        thresholds.min_rows,
        {{ add_days('windowed.metric_date', 'monitors.label_horizon_days') }}
        <= as_of.last_whole_day as is_mature
    from {{ ref('int_metric_window') }} as windowed
    inner join {{ ref('int_affected_days') }} as days
        on windowed.monitor = days.monitor and windowed.metric_date = days.metric_date
    inner join {{ ref('stg_monitors') }} as monitors
        on
            windowed.monitor = monitors.monitor
            and (
                monitors.task = 'binary'
                or (monitors.task = 'multiclass' and windowed.metric_name = 'accuracy')
            )
    inner join {{ ref('int_as_of') }} as as_of
        on windowed.monitor = as_of.monitor
    left join {{ ref('int_thresholds_daily') }} as thresholds
        on
            windowed.monitor = thresholds.monitor
            and windowed.metric_date = thresholds.metric_date
            and windowed.segment_name = thresholds.segment_name
            and windowed.segment_value = thresholds.segment_value
            and thresholds.rule_id = 'performance_level'
    where
        windowed.traffic = 'live'
        and windowed.window_days <> 28
        and windowed.has_rows
        and windowed.metric_name in (
            {%- for name in metric_names('binary') | reject('equalto', 'average_precision') -%}
            '{{ name }}'{{ ', ' if not loop.last }}
            {%- endfor -%}
        )
),

calibrated_windows as (
    select distinct window_id, is_calibrated
    from {{ ref('int_window_scorers') }}
),

estimated as (
    select
        realised.*,
        coalesce(calibrated.is_calibrated, true) as is_calibrated,
        coalesce(estimates.all_rows, 0) as estimated_rows,
        estimates.rarer_rows as estimated_rarer_rows,
        estimates.estimated_value,
        estimates.standard_error as estimate_error,
        estimates.error_bound as estimate_error_bound
    from realised
    inner join {{ ref('int_performance_window') }} as windows
        on {{ same_columns('realised', 'windows', [
            'monitor', 'model_version', 'traffic', 'segment_name', 'segment_value', 'metric_date',
            'window_days',
        ]) }}
    left join calibrated_windows as calibrated
        on windows.window_id = calibrated.window_id
    left join {{ ref('int_estimated_metrics') }} as estimates
        on
            windows.window_id = estimates.window_id
            and realised.metric_name = estimates.metric_name
)

select
    monitor,
    model_version,
    metric_date,
    window_days,
    segment_name,
    segment_value,
    metric_name,
    estimated_value,
    case
        when metric_name <> 'gini' and estimated_value < 1.959963984540054 * estimate_error then 0
        else estimated_value - 1.959963984540054 * estimate_error
    end as lower_bound,
    case
        when metric_name <> 'log_loss' and estimated_value > 1 - 1.959963984540054 * estimate_error
            then 1
        else estimated_value + 1.959963984540054 * estimate_error
    end as upper_bound,
    estimate_error_bound as error_bound,
    case when is_mature then labeled_value end as realised_value,
    case when is_mature then labeled_lower_bound end as realised_lower_bound,
    case when is_mature then labeled_upper_bound end as realised_upper_bound,
    row_count,
    labeled_rows,
    is_mature,
    case
        when not is_calibrated then 'no_calibration'
        when
            estimated_value is null
            or not is_whole_window
            or estimated_rows < min_rows
            or estimated_rarer_rows < 30
            then 'insufficient_data'
        else 'ok'
    end as status
from estimated
