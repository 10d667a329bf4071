{{ config(materialized='view') }}
{#- What an error can depend on, by day of serving: the bins of features and the values of
    segments. Bins that were cut anew have no part in what the former ones were counted for. -#}
select
    'feature_bin' as pattern_kind,
    facts.monitor,
    facts.metric_date,
    'overall' as segment_name,
    'all' as segment_value,
    facts.feature_name,
    facts.bin_id,
    facts.labeled_rows,
    facts.positive_rows,
    facts.false_positives,
    facts.false_negatives,
    facts.score_sum,
    facts.loss_sum,
    facts.loss_square_sum,
    facts.error_sum
from {{ ref('int_loss_by_bin_daily') }} as facts
inner join {{ ref('stg_monitors') }} as monitors
    on facts.monitor = monitors.monitor and facts.bins_version = monitors.bins_version
where facts.traffic = 'live'
union all
select
    'segment',
    facts.monitor,
    facts.metric_date,
    facts.segment_name,
    facts.segment_value,
    'all',
    0,
    facts.labeled_rows,
    facts.positive_rows,
    facts.false_positives,
    facts.false_negatives,
    facts.judged_score_sum,
    case when monitors.task = 'regression' then facts.error_square_sum else facts.log_loss_sum end,
    case
        when monitors.task = 'regression' then facts.error_fourth_sum
        else facts.log_loss_square_sum
    end,
    facts.error_sum
from {{ ref('int_performance_daily') }} as facts
inner join {{ ref('stg_monitors') }} as monitors
    on facts.monitor = monitors.monitor and monitors.task <> 'ranking'
where
    facts.traffic = 'live'
    and facts.model_version = 'serving'
    and facts.segment_name <> 'overall'
    and facts.labeled_rows > 0
