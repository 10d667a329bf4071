{#- The state of each alert key that was ever flagged on each day it is judged; most never are. A
    key opens when enough of the last days were flagged, closes after enough judged days in a row
    under the closing threshold, and keeps its state in between: hysteresis without recursion. -#}
{%- set key_columns = [
    'monitor', 'layer', 'metric_name', 'feature_name', 'segment_name', 'segment_value',
] -%}
with

alert_keys as (
    select {{ key_columns | join(', ') }}
    from {{ ref('int_alert_evidence') }}
    group by {{ key_columns | join(', ') }}
    having max(own_level) > 0
),

numbered_keys as (
    select
        *,
        row_number() over (order by {{ key_columns | join(', ') }}) as key_number
    from alert_keys
),

-- The number stands for the key, of which each window below would sort six texts.
keyed as (
    select
        evidence.*,
        numbered_keys.key_number
    from {{ ref('int_alert_evidence') }} as evidence
    inner join numbered_keys
        on {{ same_columns('evidence', 'numbered_keys', key_columns) }}
),

numbered as (
    select
        *,
        row_number() over key_days as day_number,
        sum(case when own_level > 0 then 1 else 0 end) over key_days as flagged_through,
        sum(is_judged) over key_days as judged_through
    from keyed
    window key_days as (partition by key_number order by known_on)
),

counted as (
    select
        today.*,
        today.flagged_through - coalesce(before_window.flagged_through, 0) as flagged_recently
    from numbered as today
    left join numbered as before_window
        on
            today.key_number = before_window.key_number
            and before_window.day_number = today.day_number - today.open_window_days
),

-- A day without evidence is neither clear nor not: silence must not resolve an alert, and a weekend
-- that cannot be judged must not keep one open.
marked as (
    select
        *,
        own_level > 0 and flagged_recently >= open_days as opens,
        is_judged = 1 and judged_through - coalesce(
            max(case when is_judged = 1 and above_closing = 1 then judged_through end)
                over key_days, 0
        ) >= close_days as closes
    from counted
    window key_days as (partition by key_number order by day_number)
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
    window key_days as (partition by key_number order by day_number)
),

turned as (
    select
        *,
        is_open and not coalesce(lag(is_open) over key_days, false) as is_opening,
        not is_open and coalesce(lag(is_open) over key_days, false) as is_resolving
    from stated
    window key_days as (partition by key_number order by day_number)
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
        partition by key_number order by day_number
    ) as alert_number
from turned
