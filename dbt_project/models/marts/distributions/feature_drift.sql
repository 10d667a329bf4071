{{ config(materialized='incremental', incremental_strategy='changed_days',
    meta={'days': 'int_affected_days'}) }}
{#- The verdict stands beside the numbers: a PSI counts only above its thresholds and above what an
    unchanged feature shows in one of a hundred windows; that of a day, only above what its own
    weekdays show too. -#}
with

measured as (
    select
        distances.*,
        nulls.day_excess,
        nulls.day_concentration,
        nulls.block_count,
        nulls.block_psi_p99,
        nulls.day_rows,
        {{ day_weights('distances', 'weights') }},
        -- Of a reference that lies before the window; else its days are not all of them.
        case
            when
                {{ add_days('distances.metric_date', '-distances.window_days') }}
                >= still.reference_to
                then still.reference_weight
        end as still_weight,
        {{ days_between('distances.metric_date', 'days.first_day') }} + 1 >= distances.window_days
            as is_whole_window,
        distances.area_between / nullif(spread.interquartile_range, 0) as wasserstein,
        case distances.reference
            when 'training' then training.reference_from
            when 'stable' then days.first_day
            when 'rolling' then {{ add_days('days.metric_date', '-29 - distances.window_days') }}
            else {{ add_days('days.metric_date', '1 - 2 * distances.window_days') }}
        end as span_from,
        case distances.reference
            when 'training' then training.reference_to
            when 'stable' then {{ add_days('days.first_day', 27) }}
            else {{ add_days('days.metric_date', '-distances.window_days') }}
        end as span_to
    from {{ ref('int_feature_distance') }} as distances
    inner join {{ ref('int_affected_days') }} as affected
        on
            distances.monitor = affected.monitor
            and distances.metric_date = affected.metric_date
    inner join {{ ref('int_log_days') }} as days
        on distances.monitor = days.monitor and distances.metric_date = days.metric_date
    left join {{ ref('int_live_version_daily') }} as live
        on distances.monitor = live.monitor and distances.metric_date = live.metric_date
    left join {{ ref('int_training_windows') }} as training
        on live.monitor = training.monitor and live.training_version = training.model_version
    left join {{ ref('int_day_weights') }} as weights
        on
            distances.monitor = weights.monitor
            and distances.metric_date = weights.metric_date
            and distances.window_days = weights.window_days
    left join {{ ref('int_reference_weights') }} as still
        on
            distances.monitor = still.monitor
            and distances.reference = still.traffic
            and still.model_version = case distances.reference
                when 'training' then live.training_version
                when 'stable' then 'any'
            end
    left join {{ ref('int_feature_psi_null') }} as nulls
        on
            distances.monitor = nulls.monitor
            and distances.segment_name = nulls.segment_name
            and distances.segment_value = nulls.segment_value
            and distances.feature_name = nulls.feature_name
            -- Of a day against its own weekdays.
            and nulls.window_days = case
                when distances.reference = 'same_weekday' then 0 else distances.window_days
            end
    left join {{ ref('int_feature_spread') }} as spread
        on
            distances.monitor = spread.monitor
            and distances.feature_name = spread.feature_name
),

{{ judged_psi(ref('int_feature_distance'), ref('int_affected_days'), [
    'monitor', 'segment_name', 'segment_value', 'feature_name', 'reference', 'window_days',
]) }},

compared as (
    select
        judged.*,
        thresholds.threshold_yellow,
        thresholds.threshold_red,
        thresholds.false_discovery_rate,
        {{ has_enough_rows() }} as has_enough_rows,
        -- Many thin segments must not hide what all rows show.
        judged.segment_name = 'overall' as is_overall
    from judged
    inner join {{ ref('int_thresholds_daily') }} as thresholds
        on
            judged.monitor = thresholds.monitor
            and judged.metric_date = thresholds.metric_date
            and judged.segment_name = thresholds.segment_name
            and judged.segment_value = thresholds.segment_value
            and judged.feature_name = thresholds.feature_name
            and thresholds.rule_id = 'feature_psi'
),

{{ false_discovery_q('compared', 'psi_p_value', [
    'monitor', 'metric_date', 'window_days', 'reference', 'is_overall',
], 'has_enough_rows') }},

{{ beside_weekdays('discovered', [
    'monitor', 'segment_name', 'segment_value', 'feature_name',
], 'psi > psi_null_p99 and q_value <= false_discovery_rate') }}

select
    monitor,
    metric_date,
    window_days,
    segment_name,
    segment_value,
    feature_name,
    reference,
    -- A reference that stands still is known once it has ended, not before.
    case when span_to < metric_date then span_from end as reference_from,
    case when span_to < metric_date then span_to end as reference_to,
    bins_version,
    psi,
    psi_null_p99,
    psi_detectable,
    psi_p_value,
    q_value,
    cast(family_size as integer) as family_size,
    false_discovery_rate,
    ks,
    ks_error_bound,
    js_distance,
    wasserstein,
    chi_square,
    case when chi_square is not null then bin_count - 1 end as chi_square_df,
    {{ cramers_v('chi_square', 'bin_count', '(current_rows + reference_rows)') }} as cramers_v,
    current_rows,
    reference_rows,
    {{ psi_trend() }} as trend,
    {{ psi_status('psi > psi_null_p99 and q_value <= false_discovery_rate'
        ~ ' and not coalesce(is_usual_weekday, false)') }} as status,
    {{ weekday_columns() }}
from beside_weekdays
