{{ config(materialized='incremental', incremental_strategy='changed_days',
    meta={'days': 'int_affected_days'}) }}
{#- Calibration in one row: expected calibration error with and without the part that chance alone
    gives (Broecker 2012 / Ferro and Fricker 2012), least-squares line of label on score, Murphy's
    (1973) parts of the binned Brier score. -#}
with

binned as (
    select
        monitor,
        model_version,
        metric_date,
        window_days,
        segment_name,
        segment_value,
        sum(row_count) as labeled_rows,
        sum(row_count * abs(mean_score - observed_rate)) / sum(row_count) as ece,
        sum(row_count * power(mean_score - observed_rate, 2)) / sum(row_count) as reliability,
        sum(
            case
                when row_count > 1
                    then row_count * coalesce(design_effect, 1)
                        * observed_rate * (1 - observed_rate) / (row_count - 1)
                else 0
            end
        ) / sum(row_count) as reliability_by_chance,
        sum(row_count * power(observed_rate, 2)) / sum(row_count)
        - power({{ ratio('sum(positive_rows)', 'sum(row_count)') }}, 2) as resolution,
        {{ ratio('sum(positive_rows)', 'sum(row_count)') }} as observed_rate,
        sum(row_count * mean_score) / sum(row_count) as mean_score,
        sum(positive_rows) as positive_rows
    from {{ ref('calibration') }} as bins
    where exists (
        select 1
        from {{ ref('int_affected_days') }} as affected
        where affected.monitor = bins.monitor and affected.metric_date = bins.metric_date
    )
    group by monitor, model_version, metric_date, window_days, segment_name, segment_value
)

select
    binned.monitor,
    binned.model_version,
    binned.metric_date,
    binned.window_days,
    binned.segment_name,
    binned.segment_value,
    cast(binned.labeled_rows as bigint) as labeled_rows,
    binned.mean_score,
    binned.observed_rate,
    binned.mean_score - binned.observed_rate as bias,
    binned.ece,
    sqrt(greatest(binned.reliability - binned.reliability_by_chance, 0)) as debiased_error,
    (
        sums.score_label_sum
        - sums.judged_score_sum * binned.positive_rows / nullif(sums.labeled_rows, 0)
    ) / nullif(
        case
            when
                sums.judged_score_square_sum
                - power(sums.judged_score_sum, 2) / nullif(sums.labeled_rows, 0)
                > 1e-10 * sums.judged_score_square_sum
                then sums.judged_score_square_sum
                    - power(sums.judged_score_sum, 2) / nullif(sums.labeled_rows, 0)
        end, 0
    ) as slope,
    binned.observed_rate - binned.mean_score * (
        sums.score_label_sum
        - sums.judged_score_sum * binned.positive_rows / nullif(sums.labeled_rows, 0)
    ) / nullif(
        case
            when
                sums.judged_score_square_sum
                - power(sums.judged_score_sum, 2) / nullif(sums.labeled_rows, 0)
                > 1e-10 * sums.judged_score_square_sum
                then sums.judged_score_square_sum
                    - power(sums.judged_score_sum, 2) / nullif(sums.labeled_rows, 0)
        end, 0
    ) as intercept,
    case when monitors.task = 'binary' then sums.brier_sum else sums.called_brier_sum end
    / nullif(sums.labeled_rows, 0) as brier,
    binned.reliability as brier_reliability,
    binned.resolution as brier_resolution,
    binned.observed_rate * (1 - binned.observed_rate) as brier_uncertainty,
    case
        when least(binned.positive_rows, binned.labeled_rows - binned.positive_rows) < 30
            then 'insufficient_data'
        else 'ok'
    end as status,
    bias.lower_bound as bias_lower_bound,
    bias.upper_bound as bias_upper_bound,
    bias.design_effect
from binned
inner join {{ ref('int_performance_window') }} as sums
    on
        binned.monitor = sums.monitor
        and sums.traffic = 'live'
        and binned.model_version = sums.model_version
        and binned.metric_date = sums.metric_date
        and binned.window_days = sums.window_days
        and binned.segment_name = sums.segment_name
        and binned.segment_value = sums.segment_value
inner join {{ ref('stg_monitors') }} as monitors
    on binned.monitor = monitors.monitor
left join {{ ref('int_metric_window') }} as bias
    on
        bias.metric_name = 'bias'
        and bias.traffic = 'live'
        and {{ same_columns('binned', 'bias', [
            'monitor', 'model_version', 'metric_date', 'window_days', 'segment_name',
            'segment_value',
        ]) }}
