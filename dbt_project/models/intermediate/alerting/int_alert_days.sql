{#- The state of each alert key on each day it is judged. A key opens when enough of the last days
    were flagged, closes after enough days in a row under the closing threshold, and keeps its state
    in between: hysteresis without recursion. -#}
with

keyed as (
    select
        signals.monitor,
        signals.layer,
        signals.metric_name,
        signals.feature_name,
        signals.segment_name,
        signals.segment_value,
        signals.known_on,
        max(case signals.severity when 'red' then 2 when 'yellow' then 1 else 0 end)
            as severity_level,
        max(case when signals.is_above_closing then 1 else 0 end) as above_closing,
        max(case when signals.severity <> 'insufficient_data' then 1 else 0 end) as is_judged,
        max(thresholds.open_days) as longest_open_days,
        min(thresholds.open_days) filter (where signals.severity in ('yellow', 'red'))
            as open_days,
        max(thresholds.open_window_days) as open_window_days,
        max(thresholds.close_days) as close_days
    from {{ ref('signals') }} as signals
    inner join {{ ref('int_thresholds_daily') }} as thresholds
        on
            signals.monitor = thresholds.monitor
            and signals.metric_date = thresholds.metric_date
            and signals.rule_id = thresholds.rule_id
            and signals.metric_name = thresholds.metric_name
            and signals.segment_name = thresholds.segment_name
            and signals.segment_value = thresholds.segment_value
            and signals.feature_name = thresholds.feature_name
    group by
        signals.monitor, signals.layer, signals.metric_name, signals.feature_name,
        signals.segment_name, signals.segment_value, signals.known_on
),

-- A drift that all rows show is one problem: a segment opens an alert of its own only where it is
-- worse than the whole.
worse_than_overall as (
    select
        keyed.*,
        case
            when
                keyed.layer in ('feature_drift', 'prediction_drift')
                and keyed.segment_name <> 'overall'
                and overall.severity_level >= keyed.severity_level
                then 0
            else keyed.severity_level
        end as own_level
    from keyed
    left join keyed as overall
        on
            keyed.monitor = overall.monitor
            and keyed.layer = overall.layer
            and keyed.metric_name = overall.metric_name
            and keyed.feature_name = overall.feature_name
            and keyed.known_on = overall.known_on
            and overall.segment_name = 'overall'
),

numbered as (
    select
        *,
        row_number() over key_days as day_number,
        sum(case when own_level > 0 then 1 else 0 end) over key_days as flagged_through
    from worse_than_overall
    window
        key_days as (
            partition by
                monitor, layer, metric_name, feature_name, segment_name, segment_value
            order by known_on
        )
),

counted as (
    select
        today.*,
        today.flagged_through - coalesce(before_window.flagged_through, 0) as flagged_recently
    from numbered as today
    left join numbered as before_window
        on
            today.monitor = before_window.monitor
            and today.layer = before_window.layer
            and today.metric_name = before_window.metric_name
            and today.feature_name = before_window.feature_name
            and today.segment_name = before_window.segment_name
            and today.segment_value = before_window.segment_value
            and before_window.day_number = today.day_number - today.open_window_days
),

-- A day without evidence is not clear: silence must not resolve an alert.
marked as (
    select
        *,
        own_level > 0 and flagged_recently >= open_days as opens,
        day_number - coalesce(
            max(case when above_closing = 1 or is_judged = 0 then day_number end) over key_days, 0
        ) >= close_days as closes
    from counted
    window
        key_days as (
            partition by
                monitor, layer, metric_name, feature_name, segment_name, segment_value
            order by day_number
        )
),

stated as (
    select
        *,
        coalesce(
            max(case when opens then day_number end) over key_days
            > coalesce(max(case when closes then day_number end) over key_days, 0),
            false
        ) as is_open
    from marked
    window
        key_days as (
            partition by
                monitor, layer, metric_name, feature_name, segment_name, segment_value
            order by day_number
        )
),

turned as (
    select
        *,
        is_open and not coalesce(lag(is_open) over key_days, false) as is_opening,
        not is_open and coalesce(lag(is_open) over key_days, false) as is_resolving
    from stated
    window
        key_days as (
            partition by
                monitor, layer, metric_name, feature_name, segment_name, segment_value
            order by day_number
        )
)

select
    monitor,
    layer,
    metric_name,
    feature_name,
    segment_name,
    segment_value,
    known_on,
    severity_level,
    is_open,
    is_opening,
    is_resolving,
    sum(case when is_opening then 1 else 0 end) over (
        partition by monitor, layer, metric_name, feature_name, segment_name, segment_value
        order by day_number
    ) as alert_number
from turned
