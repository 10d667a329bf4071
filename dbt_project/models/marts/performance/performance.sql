{{ config(materialized='incremental', incremental_strategy='changed_days',
    meta={'days': 'int_affected_days'}) }}
{#- Metrics with their four references. A change counts only if it is larger than the 95 % bound of
    the difference that sampling and day-to-day variation explain. -#}
with

live_windows as (
    select * from {{ ref('int_metric_window') }}
    where traffic = 'live' and window_days <> 28
),

held_out as (
    select * from {{ ref('int_metric_window') }}
    where traffic = 'holdout' and window_days = 28
),

stable as (
    select * from {{ ref('int_metric_window') }}
    where traffic = 'live' and window_days = 28
),

keyed as (
    select
        windowed.*,
        definitions.horizon_days,
        definitions.direction,
        definitions.change_kind,
        case
            when definitions.is_business and not definitions.is_primary
                then windowed.metric_name
        end as business_metric,
        as_of.last_whole_day,
        coalesce(held_out.metric_value, unregistered.metric_value) as training_value,
        coalesce(held_out.standard_error, unregistered.standard_error) as training_error,
        stable.metric_value as stable_value,
        stable.standard_error as stable_error,
        rolling.metric_value as rolling_value,
        rolling.standard_error as rolling_error,
        previous.metric_value as previous_value,
        previous.standard_error as previous_error,
        coalesce(rolling.is_whole_window, false) as rolling_is_whole,
        coalesce(previous.is_whole_window, false) as previous_is_whole,
        -- A window of serving that mixes versions is not what one version said before.
        coalesce(
            windowed.model_version = 'serving'
            and live.training_version <> 'unregistered'
            and {{ days_between('windowed.metric_date', 'live.live_since') }} + 1
            < windowed.window_days,
            false
        ) as mixes_versions
    from live_windows as windowed
    inner join {{ ref('int_affected_days') }} as affected
        on
            windowed.monitor = affected.monitor
            and windowed.metric_date = affected.metric_date
            and windowed.has_rows
    inner join {{ ref('int_as_of') }} as as_of
        on windowed.monitor = as_of.monitor
    inner join {{ ref('metric_definitions') }} as definitions
        on
            windowed.monitor = definitions.monitor
            and windowed.metric_name = definitions.metric_name
    left join {{ ref('int_live_version_daily') }} as live
        on windowed.monitor = live.monitor and windowed.metric_date = live.metric_date
    left join held_out
        on
            windowed.monitor = held_out.monitor
            and held_out.model_version = case
                when windowed.model_version = 'serving' then live.live_version
                else windowed.model_version
            end
            and windowed.segment_name = held_out.segment_name
            and windowed.segment_value = held_out.segment_value
            and windowed.metric_name = held_out.metric_name
    left join stable
        on
            windowed.monitor = stable.monitor
            and windowed.model_version = stable.model_version
            and windowed.segment_name = stable.segment_name
            and windowed.segment_value = stable.segment_value
            and windowed.metric_name = stable.metric_name
            and {{ add_days('windowed.metric_date', '-windowed.window_days') }}
            >= stable.metric_date
    left join stable as unregistered
        on
            windowed.monitor = unregistered.monitor
            and windowed.model_version = unregistered.model_version
            and live.training_version = 'unregistered'
            and windowed.segment_name = unregistered.segment_name
            and windowed.segment_value = unregistered.segment_value
            and windowed.metric_name = unregistered.metric_name
            and {{ add_days('windowed.metric_date', '-windowed.window_days') }}
            >= unregistered.metric_date
    left join live_windows as rolling
        on
            windowed.monitor = rolling.monitor
            and windowed.model_version = rolling.model_version
            and windowed.segment_name = rolling.segment_name
            and windowed.segment_value = rolling.segment_value
            and windowed.metric_name = rolling.metric_name
            and rolling.window_days = 30
            and rolling.metric_date
            = {{ add_days('windowed.metric_date', '-windowed.window_days') }}
    left join live_windows as previous
        on
            windowed.monitor = previous.monitor
            and windowed.model_version = previous.model_version
            and windowed.segment_name = previous.segment_name
            and windowed.segment_value = previous.segment_value
            and windowed.metric_name = previous.metric_name
            and windowed.window_days = previous.window_days
            and previous.metric_date
            = {{ add_days('windowed.metric_date', '-windowed.window_days') }}
),

compared as (
    select
        keyed.*,
        reference_names.reference,
        case reference_names.reference
            when 'training' then keyed.training_value
            when 'stable' then keyed.stable_value
            when 'rolling' then keyed.rolling_value
            else keyed.previous_value
        end as reference_value,
        case reference_names.reference
            when 'training' then keyed.training_error
            when 'stable' then keyed.stable_error
            when 'rolling' then keyed.rolling_error
            else keyed.previous_error
        end as reference_error
    from keyed
    cross join
        (values ('training'), ('stable'), ('rolling'), ('previous'))
            as reference_names (reference)
),

changed as (
    select
        *,
        case
            when change_kind = 'relative'
                then (metric_value - reference_value) / nullif(abs(reference_value), 0)
            else metric_value - reference_value
        end as relative_change,
        case when direction = 'higher' then reference_value - metric_value
            else metric_value - reference_value
        end as loss_against_reference,
        1.959963984540054 * sqrt(
            coalesce(standard_error * standard_error, 0)
            + coalesce(reference_error * reference_error, 0)
        ) as noise_bound
    from compared
)

select
    changed.monitor,
    changed.model_version,
    changed.metric_date,
    changed.window_days,
    changed.segment_name,
    changed.segment_value,
    changed.metric_name,
    changed.reference,
    changed.metric_value,
    changed.lower_bound,
    changed.upper_bound,
    changed.error_bound,
    changed.design_effect,
    changed.reference_value,
    changed.relative_change,
    changed.noise_bound,
    changed.direction,
    changed.row_count,
    changed.labeled_rows,
    {{ ratio('changed.known_labels', 'changed.row_count') }} as label_coverage,
    {{ add_days('changed.metric_date', 'changed.horizon_days') }} <= changed.last_whole_day
        as is_mature,
    case
        when changed.metric_value is null or changed.labeled_rows < thresholds.min_rows
            or not changed.has_both_classes
            or not changed.is_whole_window
            then 'insufficient_data'
        when
            changed.reference_value is null
            or changed.reference_error is null
            or (changed.reference = 'training' and changed.mixes_versions)
            or (changed.reference = 'rolling' and not changed.rolling_is_whole)
            or (changed.reference = 'previous' and not changed.previous_is_whole)
            then 'no_reference'
        when
            changed.loss_against_reference
            <= changed.noise_bound * thresholds.evidence_z / 1.959963984540054
            then 'ok'
        when
            changed.relative_change * case changed.direction when 'higher' then -1 else 1 end
            >= thresholds.threshold_red
            then 'red'
        when
            changed.relative_change * case changed.direction when 'higher' then -1 else 1 end
            >= thresholds.threshold_yellow
            then 'yellow'
        else 'ok'
    end as status
from changed
left join {{ ref('int_thresholds_daily') }} as thresholds
    on
        changed.monitor = thresholds.monitor
        and changed.metric_date = thresholds.metric_date
        and changed.segment_name = thresholds.segment_name
        and changed.segment_value = thresholds.segment_value
        and thresholds.rule_id = case
            when changed.business_metric is null then 'performance_level' else 'business_level'
        end
        and (
            changed.business_metric is null or changed.business_metric = thresholds.metric_name
        )
