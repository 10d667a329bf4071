{{ config(materialized='incremental', incremental_strategy='changed_days',
    meta={'days': 'int_affected_days'}) }}
with

weighed as (
    select
        measures.*,
        rules.layer,
        rules.title,
        definitions.change_kind,
        thresholds.threshold_yellow,
        thresholds.threshold_red,
        thresholds.close_factor,
        measures.is_insufficient
        or measures.divergence is null
        or measures.evidence_rows < thresholds.min_rows as is_unjudged,
        measures.is_consistent
        and coalesce(measures.evidence >= thresholds.evidence_z, true) as has_evidence
    from {{ ref('int_signal_measures') }} as measures
    inner join {{ ref('default_signal_rules') }} as rules
        on measures.rule_id = rules.rule_id
    inner join {{ ref('int_thresholds_daily') }} as thresholds
        on
            measures.monitor = thresholds.monitor
            and measures.metric_date = thresholds.metric_date
            and measures.rule_id = thresholds.rule_id
            and measures.metric_name = thresholds.metric_name
            and measures.segment_name = thresholds.segment_name
            and measures.segment_value = thresholds.segment_value
            and measures.feature_name = thresholds.feature_name
    left join {{ ref('metric_definitions') }} as definitions
        on
            measures.monitor = definitions.monitor
            and measures.metric_name = definitions.metric_name
),

judged as (
    select
        *,
        case
            when is_unjudged then 'insufficient_data'
            when has_evidence and divergence >= threshold_red then 'red'
            when has_evidence and divergence >= threshold_yellow then 'yellow'
            else 'green'
        end as severity,
        coalesce(has_evidence and divergence >= close_factor * threshold_yellow, false)
            as is_above_closing
    from weighed
)

select
    judged.monitor,
    'serving' as model_version,
    judged.metric_date,
    judged.known_on,
    judged.window_days,
    judged.segment_name,
    judged.segment_value,
    judged.layer,
    judged.metric_name,
    judged.feature_name,
    judged.reference,
    judged.rule_id,
    judged.metric_value,
    judged.reference_value,
    judged.divergence,
    judged.threshold_yellow,
    judged.threshold_red,
    judged.evidence_rows,
    judged.severity,
    judged.is_above_closing,
    {{ signal_reason() }} as reason
from judged
inner join {{ ref('int_as_of') }} as as_of
    on judged.monitor = as_of.monitor and judged.known_on <= as_of.as_of
