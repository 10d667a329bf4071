{#- One fingerprint per day of everything that its marts rest on: the facts of the windows that
    end on it and of the references, who was live, which policies held, what was mature. A day
    whose fingerprint differs from the stored one is built anew, and no other is. -#}
{%- set reach_days = 90 -%}
{#- Goes up when a release computes marts differently from the same facts: every day is then built
    anew, without being counted anew. -#}
{%- set marts_version = 8 -%}
{%- set of_all_facts = "facts.facts_fingerprint || coalesce("
    ~ business_part('facts.log_fingerprint') ~ ", '')" -%}
with

-- Facts of sealed days after the as-of day are there, and not seen.
days as (
    select monitor, metric_date from {{ ref('int_log_days') }}
    union
    select facts.monitor, facts.metric_date
    from {{ ref('int_day_facts') }} as facts
    inner join {{ ref('int_as_of') }} as as_of
        on facts.monitor = as_of.monitor and facts.metric_date <= as_of.as_of
),

own_inputs as (
    select
        days.monitor,
        days.metric_date,
        facts.log_rows,
        facts.history_rows,
        facts.rows_fingerprint,
        coalesce(facts.log_fingerprint, 'no rows') as log_fingerprint,
        coalesce(facts.facts_fingerprint, 'no rows') as facts_fingerprint,
        {{ md5_text(text_of([
            'days.metric_date', of_all_facts, 'live.live_version',
            'live.training_version', 'live.live_since',
        ])) }} as own_fingerprint
    from days
    left join {{ ref('int_day_facts') }} as facts
        on days.monitor = facts.monitor and days.metric_date = facts.metric_date
    left join {{ ref('int_live_version_daily') }} as live
        on days.monitor = live.monitor and days.metric_date = live.metric_date
),

reaches as (
    select days.monitor, days.metric_date, reach.reached_date
    from days
    {{ explode_days_of(add_days('days.metric_date', -reach_days), 'days.metric_date', 'reach',
        'reached_date') }}
),

window_inputs as (
    select
        reaches.monitor,
        reaches.metric_date,
        {{ md5_text(ordered_text('own_inputs.own_fingerprint', 'reaches.reached_date')) }}
            as window_fingerprint
    from reaches
    inner join own_inputs
        on
            reaches.monitor = own_inputs.monitor
            and reaches.reached_date = own_inputs.metric_date
    group by reaches.monitor, reaches.metric_date
),

span_inputs as (
    select
        spans.monitor,
        spans.reference_key,
        spans.used_from,
        {{ md5_text(ordered_text(of_all_facts, 'facts.metric_date')) }}
            as span_fingerprint
    from {{ ref('int_reference_spans') }} as spans
    inner join {{ ref('int_day_facts') }} as facts
        on
            spans.monitor = facts.monitor
            and facts.metric_date between spans.reference_from and spans.reference_to
    group by spans.monitor, spans.reference_key, spans.used_from
),

policy_inputs as (
    select
        monitors.monitor,
        policies.valid_from,
        {{ md5_text(ordered_text(
            text_of(['policies.policy_origin', 'policies.policy_id', 'policies.specificity',
                'policies.rule_id', 'policies.metric_name', 'policies.segment_name',
                'policies.segment_value', 'policies.feature_name', 'policies.parameter',
                'policies.parameter_value']),
            "policies.policy_origin || policies.policy_id || policies.parameter"
        )) }} as policy_fingerprint
    from {{ ref('stg_monitors') }} as monitors
    inner join {{ ref('int_policy_rows') }} as policies
        on policies.monitor in ('*', monitors.monitor)
    group by monitors.monitor, policies.valid_from
),

-- What is in force from a day on: references, policies, values of segments, versions.
dated_inputs as (
    select
        monitor, used_from as known_from, 'reference ' || reference_key as input_key,
        span_fingerprint as input_value
    from span_inputs
    union all
    select
        monitor, valid_from, 'policies ' || cast(valid_from as {{ dbt.type_string() }}),
        policy_fingerprint
    from policy_inputs
    union all
    select
        monitor, min(metric_date),
        'segment ' || segment_name || ' ' || segment_value || ' of ' || model_version || ' '
        || traffic,
        cast(min(metric_date) as {{ dbt.type_string() }})
    from {{ ref('int_performance_daily') }}
    group by monitor, model_version, traffic, segment_name, segment_value
    union all
    select
        monitor, first_day, 'version ' || model_version || ' ' || traffic,
        cast(first_day as {{ dbt.type_string() }})
    from {{ ref('int_version_spans') }}
    union all
    -- The map from score to probability is known once the labels of its days are due.
    select
        monitor, {{ add_days('fitted_to', 1) }}, 'calibration of ' || model_version,
        {{ text_of(['traffic', 'fitted_from', 'fitted_to']) }}
    from {{ ref('int_calibration_spans') }}
    union all
    select
        bins.monitor, {{ never('before') }}, 'prediction bins',
        cast(count(*) as {{ dbt.type_string() }})
    from {{ ref('int_prediction_bins') }} as bins
    inner join {{ ref('stg_monitors') }} as monitors
        on bins.monitor = monitors.monitor and bins.bins_version = monitors.bins_version
    group by bins.monitor
    union all
    select
        monitors.monitor, {{ never('before') }}, 'settings',
        {{ text_of([
            marts_version, 'monitors.primary_metric', 'monitors.can_retrain',
            'configured.configuration_fingerprint',
        ]) }}
    from {{ ref('stg_monitors') }} as monitors
    inner join {{ ref('int_monitor_fingerprints') }} as configured
        on monitors.monitor = configured.monitor
),

known_inputs as (
    select
        monitor,
        known_from,
        {{ md5_text(ordered_text(
            "input_key || '=' || input_value", 'input_key'
        )) }} as known_fingerprint
    from dated_inputs
    group by monitor, known_from
),

-- How many business metrics have the values of a day complete.
business_maturity as (
    select days.monitor, days.metric_date, count(*) as mature_metrics
    from days
    inner join {{ ref('stg_business_metrics') }} as metrics
        on days.monitor = metrics.monitor
    inner join {{ ref('int_as_of') }} as as_of
        on
            days.monitor = as_of.monitor
            and {{ add_days('days.metric_date', 'metrics.horizon_days') }} <= as_of.last_whole_day
    group by days.monitor, days.metric_date
),

standing_inputs as (
    select
        days.monitor,
        days.metric_date,
        {{ md5_text(ordered_text('known_inputs.known_fingerprint', 'known_inputs.known_from')) }}
            as standing_fingerprint
    from days
    inner join known_inputs
        on days.monitor = known_inputs.monitor and days.metric_date >= known_inputs.known_from
    group by days.monitor, days.metric_date
)

select
    own_inputs.monitor,
    own_inputs.metric_date,
    coalesce(own_inputs.log_rows, 0) as log_rows,
    coalesce(own_inputs.history_rows, 0) as history_rows,
    own_inputs.rows_fingerprint,
    own_inputs.log_fingerprint,
    own_inputs.facts_fingerprint,
    {{ md5_text(text_of([
        'window_inputs.window_fingerprint',
        'standing_inputs.standing_fingerprint',
        'case when ' ~ add_days('own_inputs.metric_date', 'monitors.label_horizon_days')
        ~ " <= as_of.last_whole_day then 'mature' else 'immature' end",
        "case when own_inputs.metric_date = as_of.as_of and not as_of.is_closed then 'partial' end",
        'business_maturity.mature_metrics',
    ])) }} as marts_fingerprint
from own_inputs
inner join {{ ref('stg_monitors') }} as monitors
    on own_inputs.monitor = monitors.monitor
inner join {{ ref('int_as_of') }} as as_of
    on own_inputs.monitor = as_of.monitor
left join window_inputs
    on
        own_inputs.monitor = window_inputs.monitor
        and own_inputs.metric_date = window_inputs.metric_date
left join standing_inputs
    on
        own_inputs.monitor = standing_inputs.monitor
        and own_inputs.metric_date = standing_inputs.metric_date
left join business_maturity
    on
        own_inputs.monitor = business_maturity.monitor
        and own_inputs.metric_date = business_maturity.metric_date
