{{ config(materialized='view') }}
{#- What an error can depend on, by day: the bins of features and the values of segments, of what
    was answered and of what versions said of held-out rows. Bins that were cut anew have no part in
    what the former ones were counted for. A day of which only a sample was counted weighs as much
    as it has rows. -#}
with

bins as (
    select
        facts.*,
        {{ sampling_weight('days.labeled_rows', 'sum(facts.labeled_rows) over day_of_feature') }}
            as row_weight
    from {{ ref('int_loss_by_bin_daily') }} as facts
    inner join {{ ref('stg_monitors') }} as monitors
        on facts.monitor = monitors.monitor and facts.bins_version = monitors.bins_version
    inner join {{ ref('int_performance_daily') }} as days
        on
            {{ same_columns('facts', 'days', [
                'monitor', 'model_version', 'traffic', 'metric_date']) }}
            and days.segment_name = 'overall'
    window day_of_feature as (
        partition by
            facts.monitor, facts.model_version, facts.traffic, facts.metric_date,
            facts.feature_name
    )
)

select
    'feature_bin' as pattern_kind,
    monitor,
    model_version,
    traffic,
    metric_date,
    'overall' as segment_name,
    'all' as segment_value,
    feature_name,
    bin_id,
    row_weight,
    labeled_rows,
    positive_rows,
    false_positives,
    false_negatives,
    score_sum,
    loss_sum,
    loss_square_sum
from bins
union all
select
    'segment',
    facts.monitor,
    facts.model_version,
    facts.traffic,
    facts.metric_date,
    facts.segment_name,
    facts.segment_value,
    'all',
    0,
    cast(1 as {{ type_double() }}),
    facts.labeled_rows,
    facts.positive_rows,
    facts.false_positives,
    facts.false_negatives,
    facts.judged_score_sum,
    facts.log_loss_sum,
    facts.log_loss_square_sum
from {{ ref('int_performance_daily') }} as facts
inner join {{ ref('stg_monitors') }} as monitors
    on facts.monitor = monitors.monitor and monitors.task = 'binary'
where
    (facts.traffic = 'holdout' or facts.model_version = 'serving')
    and facts.segment_name <> 'overall'
    and facts.labeled_rows > 0
