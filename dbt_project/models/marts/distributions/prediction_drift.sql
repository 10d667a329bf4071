{{ config(materialized='incremental', incremental_strategy='changed_days',
    meta={'days': 'int_affected_days'}) }}
with

spans as (
    select monitor, model_version, first_day
    from {{ ref('int_version_spans') }}
    where traffic = 'live'
),

measured as (
    select
        distances.*,
        {{ days_between('distances.metric_date', 'spans.first_day') }} + 1 >= distances.window_days
        -- A window of serving that mixes versions is not what one version said before.
        and (
            distances.model_version <> 'serving'
            or distances.reference <> 'training'
            or live.training_version = 'unregistered'
            or {{ days_between('distances.metric_date', 'live.live_since') }} + 1
            >= distances.window_days
        ) as is_whole_window,
        {{ day_weights('distances', 'weights') }},
        -- No window is taken out of what a version said of its held-out rows.
        case
            when distances.reference = 'training' and of_held_out.monitor is not null
                then of_held_out.reference_weight
            when distances.reference in ('training', 'stable') then of_stable.reference_weight
        end as still_weight,
        {% for column in ['day_excess', 'day_concentration', 'block_count',
            'day_rows', 'block_psi_p99'] %}
        case
            when held_out.monitor is not null then held_out.{{ column }}
            else stable.{{ column }}
        end as {{ column }}{{ ',' if not loop.last }}
        {% endfor %}
    from {{ ref('int_prediction_distance') }} as distances
    inner join {{ ref('int_affected_days') }} as affected
        on
            distances.monitor = affected.monitor
            and distances.metric_date = affected.metric_date
    left join {{ ref('int_day_weights') }} as weights
        on
            distances.monitor = weights.monitor
            and distances.metric_date = weights.metric_date
            and distances.window_days = weights.window_days
    inner join spans
        on distances.monitor = spans.monitor and distances.model_version = spans.model_version
    left join {{ ref('int_live_version_daily') }} as live
        on distances.monitor = live.monitor and distances.metric_date = live.metric_date
    left join {{ ref('int_reference_weights') }} as of_held_out
        on
            distances.monitor = of_held_out.monitor
            and of_held_out.traffic = 'holdout'
            and of_held_out.model_version = case
                when distances.model_version = 'serving' then live.live_version
                else distances.model_version
            end
    left join {{ ref('int_reference_weights') }} as of_stable
        on
            distances.monitor = of_stable.monitor
            and of_stable.traffic = 'live'
            and distances.model_version = of_stable.model_version
    left join {{ ref('int_prediction_psi_null') }} as held_out
        on
            distances.monitor = held_out.monitor
            and held_out.traffic = 'holdout'
            and held_out.model_version = case
                when distances.model_version = 'serving' then live.live_version
                else distances.model_version
            end
            and distances.segment_name = held_out.segment_name
            and distances.segment_value = held_out.segment_value
            and held_out.window_days = case
                when distances.reference = 'same_weekday' then 0 else distances.window_days
            end
    left join {{ ref('int_prediction_psi_null') }} as stable
        on
            distances.monitor = stable.monitor
            and stable.traffic = 'live'
            and distances.model_version = stable.model_version
            and distances.segment_name = stable.segment_name
            and distances.segment_value = stable.segment_value
            and stable.window_days = case
                when distances.reference = 'same_weekday' then 0 else distances.window_days
            end
            and distances.metric_date >= {{ add_days('spans.first_day', 27) }}
),

{{ judged_psi(ref('int_prediction_distance'), ref('int_affected_days'), [
    'monitor', 'model_version', 'segment_name', 'segment_value', 'reference', 'window_days',
]) }},

compared as (
    select
        judged.*,
        thresholds.threshold_yellow,
        thresholds.threshold_red,
        {{ has_enough_rows() }} as has_enough_rows
    from judged
    inner join {{ ref('int_thresholds_daily') }} as thresholds
        on
            judged.monitor = thresholds.monitor
            and judged.metric_date = thresholds.metric_date
            and judged.segment_name = thresholds.segment_name
            and judged.segment_value = thresholds.segment_value
            and thresholds.rule_id = 'prediction_psi'
),

{{ beside_weekdays('compared', [
    'monitor', 'model_version', 'segment_name', 'segment_value',
], 'psi > psi_null_p99') }}

select
    monitor,
    model_version,
    metric_date,
    window_days,
    segment_name,
    segment_value,
    reference,
    bins_version,
    psi,
    psi_null_p99,
    psi_detectable,
    psi_p_value,
    ks,
    ks_error_bound,
    js_distance,
    area_between as wasserstein,
    chi_square,
    case when chi_square is not null then bin_count - 1 end as chi_square_df,
    {{ cramers_v('chi_square', 'bin_count', '(current_rows + reference_rows)') }} as cramers_v,
    current_rows,
    reference_rows,
    {{ psi_trend() }} as trend,
    {{ psi_status('psi > psi_null_p99 and not coalesce(is_usual_weekday, false)') }} as status,
    {{ weekday_columns() }}
from beside_weekdays
