{#- How much single days weigh in the references that stand still, as int_day_weights has it of
    those that move: of features (`training`, `stable`) the training window of each version and the
    first 28 days of the log, a history as it was loaded; of predictions what each version said of
    its held-out rows and in its first 28 days. -#}
with

answered as (
    select monitor, metric_date, row_count
    from {{ ref('int_performance_daily') }}
    where model_version = 'serving' and traffic = 'live' and segment_name = 'overall'
),

members as (
    select
        windows.monitor,
        'training' as traffic,
        windows.model_version,
        windows.reference_to,
        inputs.history_rows + coalesce(answered.row_count, 0) as row_count
    from {{ ref('int_training_windows') }} as windows
    inner join {{ ref('int_day_inputs') }} as inputs
        on
            windows.monitor = inputs.monitor
            and inputs.metric_date between windows.reference_from and windows.reference_to
    left join answered
        on inputs.monitor = answered.monitor and inputs.metric_date = answered.metric_date
    where inputs.log_rows + inputs.history_rows > 0
    union all
    select
        days.monitor,
        'stable',
        'any',
        {{ add_days('days.first_day', 27) }},
        answered.row_count
    from {{ ref('int_log_days') }} as days
    inner join answered
        on days.monitor = answered.monitor and days.metric_date = answered.metric_date
    where days.metric_date <= {{ add_days('days.first_day', 27) }}
    union all
    select
        spans.monitor,
        spans.traffic,
        spans.model_version,
        case
            when spans.traffic = 'holdout' then spans.last_day
            else {{ add_days('spans.first_day', 27) }}
        end,
        counts.row_count
    from {{ ref('int_version_spans') }} as spans
    inner join {{ ref('int_performance_daily') }} as counts
        on {{ same_columns('spans', 'counts', ['monitor', 'model_version', 'traffic']) }}
    where
        counts.segment_name = 'overall'
        and (
            spans.traffic = 'holdout'
            or counts.metric_date <= {{ add_days('spans.first_day', 27) }}
        )
)

select
    monitor,
    traffic,
    model_version,
    max(reference_to) as reference_to,
    sum(power(row_count, 2)) / nullif(power(sum(row_count), 2), 0) as reference_weight
from members
group by monitor, traffic, model_version
