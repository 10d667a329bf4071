{#- Day-to-day variation of the score inside its own reference: the held-out weeks of a version, or
    the stable window of one that no job trained. -#}
with

reference_spans as (
    select
        monitor, model_version, traffic,
        min(metric_date) as reference_from,
        case
            when traffic = 'holdout' then max(metric_date)
            else {{ add_days('min(metric_date)', 27) }}
        end as reference_to
    from {{ ref('int_prediction_histogram_daily') }} as counts
    where exists (
        select 1 from {{ ref('int_affected_spans') }} as affected
        where affected.monitor = counts.monitor
    )
    group by monitor, model_version, traffic
    having traffic = 'holdout' or max(metric_date) >= {{ add_days('min(metric_date)', 27) }}
),

reference_counts as (
    select
        counts.monitor,
        counts.model_version,
        counts.traffic,
        counts.segment_name,
        counts.segment_value,
        counts.metric_date,
        counts.bin_id,
        sum(counts.row_count) as row_count
    from {{ ref('int_prediction_histogram_daily') }} as counts
    inner join reference_spans as spans
        on
            counts.monitor = spans.monitor
            and counts.model_version = spans.model_version
            and counts.traffic = spans.traffic
            and counts.metric_date between spans.reference_from and spans.reference_to
    group by
        counts.monitor, counts.model_version, counts.traffic, counts.segment_name,
        counts.segment_value, counts.metric_date, counts.bin_id
),

{{ day_psi_null(
    ['monitor', 'model_version', 'traffic', 'segment_name', 'segment_value'],
    ['monitor', 'model_version', 'traffic']
) }}
