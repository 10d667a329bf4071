{#- Fails for each window in which the Brier score of the binned scores is not reliability -
    resolution + uncertainty (Murphy 1973), or the parts leave out labelled rows. -#}
with

binned as (
    select
        monitor, model_version, metric_date, window_days, segment_name, segment_value,
        sum(row_count) as labeled_rows,
        sum(
            positive_rows * power(1 - mean_score, 2)
            + (row_count - positive_rows) * power(mean_score, 2)
        ) / sum(row_count) as binned_brier
    from {{ ref('calibration') }} as kept
    where exists (
        select 1
        from {{ ref('int_affected_days') }} as affected
        where affected.monitor = kept.monitor and affected.metric_date = kept.metric_date
    )
    group by monitor, model_version, metric_date, window_days, segment_name, segment_value
)

select binned.*, summary.brier_reliability, summary.brier_resolution, summary.brier_uncertainty
from binned
left join {{ ref('calibration_summary') }} as summary
    on
        binned.monitor = summary.monitor
        and binned.model_version = summary.model_version
        and binned.metric_date = summary.metric_date
        and binned.window_days = summary.window_days
        and binned.segment_name = summary.segment_name
        and binned.segment_value = summary.segment_value
where
    summary.labeled_rows is distinct from binned.labeled_rows
    or not coalesce(
        abs(
            binned.binned_brier
            - (summary.brier_reliability - summary.brier_resolution + summary.brier_uncertainty)
        ) < 1e-9,
        false
    )
