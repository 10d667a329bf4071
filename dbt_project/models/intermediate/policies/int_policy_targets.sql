{#- Everything a policy row can be about: each rule on each segment value (and feature), each check
    of data_quality, and the rules of retraining, promotion, rollout, attribution and estimation
    once per monitor. -#}
with

segment_values as (
    select distinct monitor, segment_name, segment_value
    from {{ ref('int_performance_daily') }}
    where traffic = 'live' and model_version = 'serving'
),

measured as (
    select
        segment_values.monitor,
        rules.rule_id,
        case
            when rules.metric_name = 'primary' then monitors.primary_metric
            else rules.metric_name
        end as metric_name,
        segment_values.segment_name,
        segment_values.segment_value,
        coalesce(features.feature_name, 'all') as feature_name
    from segment_values
    inner join {{ ref('stg_monitors') }} as monitors
        on segment_values.monitor = monitors.monitor
    cross join {{ ref('default_signal_rules') }} as rules
    left join {{ ref('stg_features') }} as features
        on segment_values.monitor = features.monitor and rules.layer = 'feature_drift'
    where
        rules.layer <> 'business'
        and (rules.layer <> 'data_quality' or segment_values.segment_name = 'overall')
),

-- A business metric that is the primary one has the rules of that alone.
of_business as (
    select
        segment_values.monitor,
        rules.rule_id,
        metrics.metric_name,
        segment_values.segment_name,
        segment_values.segment_value,
        'all' as feature_name
    from segment_values
    inner join {{ ref('stg_business_metrics') }} as metrics
        on segment_values.monitor = metrics.monitor
    inner join {{ ref('stg_monitors') }} as monitors
        on
            segment_values.monitor = monitors.monitor
            and metrics.metric_name <> monitors.primary_metric
    inner join {{ ref('default_signal_rules') }} as rules
        on rules.layer = 'business'
),

-- What data_quality checks of features, of scores and of the log as a whole.
checked as (
    select
        features.monitor,
        'data_quality_share' as rule_id,
        checks.metric_name,
        'overall' as segment_name,
        'all' as segment_value,
        features.feature_name
    from {{ ref('stg_features') }} as features
    inner join (
        values
        ('numeric', 'null_share'), ('numeric', 'non_finite_share'),
        ('numeric', 'out_of_range_share'), ('categorical', 'null_share'),
        ('categorical', 'unseen_share')
    ) as checks (feature_kind, metric_name)
        on features.feature_kind = checks.feature_kind
    union all
    select monitors.monitor, checks.rule_id, checks.metric_name, 'overall', 'all', 'all'
    from {{ ref('stg_monitors') }} as monitors
    cross join (
        values
        ('data_quality_share', 'null_score_share'), ('data_quality_share', 'invalid_score_share'),
        ('data_quality_share', 'duplicate_share'), ('data_quality_labels', 'unusable_label_share'),
        ('data_freshness', 'freshness')
    ) as checks (rule_id, metric_name)
),

decided as (
    select
        monitors.monitor,
        rules.rule_id,
        'all' as metric_name,
        'overall' as segment_name,
        'all' as segment_value,
        'all' as feature_name
    from {{ ref('stg_monitors') }} as monitors
    cross join
        (values ('retraining'), ('promotion'), ('rollout'), ('attribution'), ('estimation'))
            as rules (rule_id)
)

select * from measured
union all
select * from of_business
union all
select * from checked
union all
select * from decided
