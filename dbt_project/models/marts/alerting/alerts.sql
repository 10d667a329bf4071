{#- One alert from its opening to its resolution, told by its most recent flagged signal. -#}
with

spans as (
    select
        monitor,
        layer,
        metric_name,
        feature_name,
        segment_name,
        segment_value,
        alert_number,
        min(known_on) filter (where is_opening) as opened_on,
        min(known_on) filter (where is_resolving) as resolved_on,
        max(known_on) filter (where is_open and severity_level > 0) as last_seen_on,
        max(severity_level) filter (where is_open) as worst_level
    from {{ ref('int_alert_days') }}
    where alert_number > 0 and (is_open or is_resolving)
    group by
        monitor, layer, metric_name, feature_name, segment_name, segment_value, alert_number
),

told as (
    select
        spans.*,
        signals.rule_id,
        signals.metric_value,
        signals.reference_value,
        signals.threshold_yellow,
        signals.threshold_red,
        signals.severity,
        signals.reason,
        row_number() over (
            partition by
                spans.monitor, spans.layer, spans.metric_name, spans.feature_name,
                spans.segment_name, spans.segment_value, spans.alert_number
            order by
                case signals.severity when 'red' then 0 else 1 end,
                signals.divergence desc nulls last,
                {{ byte_order('signals.rule_id') }}
        ) as weight_rank
    from spans
    inner join {{ ref('signals') }} as signals
        on
            spans.monitor = signals.monitor
            and spans.layer = signals.layer
            and spans.metric_name = signals.metric_name
            and spans.feature_name = signals.feature_name
            and spans.segment_name = signals.segment_name
            and spans.segment_value = signals.segment_value
            and spans.last_seen_on = signals.known_on
            and signals.severity in ('yellow', 'red')
)

select
    {{ md5_text(
        "told.monitor || '|' || told.layer || '|' || told.metric_name || '|' || told.feature_name"
        ~ " || '|' || told.segment_name || '|' || told.segment_value || '|'"
        ~ " || cast(told.opened_on as " ~ dbt.type_string() ~ ")"
    ) }} as alert_id,
    told.monitor,
    told.layer,
    told.metric_name,
    told.feature_name,
    told.segment_name,
    told.segment_value,
    told.rule_id,
    told.metric_value,
    told.reference_value,
    case told.severity
        when 'red' then told.threshold_red else told.threshold_yellow
    end as threshold,
    told.severity,
    case told.worst_level when 2 then 'red' else 'yellow' end as worst_severity,
    told.opened_on,
    told.last_seen_on,
    told.resolved_on,
    case when told.resolved_on is null then 'open' else 'resolved' end as status,
    told.reason,
    'docs/alerts/' || rules.runbook || '.md' as runbook,
    monitors.owner,
    cast(null as {{ dbt.type_string() }}) as acknowledged_by
from told
inner join {{ ref('stg_monitors') }} as monitors
    on told.monitor = monitors.monitor
inner join {{ ref('default_signal_rules') }} as rules
    on told.rule_id = rules.rule_id
where told.weight_rank = 1
