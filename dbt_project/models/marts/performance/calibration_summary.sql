{{ config(materialized='incremental', incremental_strategy='changed_days',
    meta={'days': 'int_affected_days'}) }}
{#- Calibration in one row: expected calibration error with and without the part that chance alone
    gives (Broecker 2012 / Ferro and Fricker 2012), least-squares line of label on score, Murphy's
    (1973) parts of the binned Brier score. -#}
{%- set keys = [
    'monitor', 'model_version', 'metric_date', 'window_days', 'segment_name', 'segment_value',
] -%}
with

binned as (
    select
        {{ keys | join(', ') }},
        sum(row_count) as labeled_rows,
        sum(row_count * abs(mean_score - observed_rate)) / sum(row_count) as ece,
        sum(row_count * power(mean_score - observed_rate, 2)) / sum(row_count) as reliability,
        sum(
            row_count * least(
                design_effect * observed_rate * (1 - observed_rate)
                / greatest(row_count - design_effect, 1),
                0.25
            )
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
    group by {{ keys | join(', ') }}
),

beside_their_sums as (
    select
        binned.*,
        case when monitors.task = 'binary' then sums.brier_sum else sums.called_brier_sum end
        / sums.labeled_rows as brier,
        sums.score_label_sum - sums.judged_score_sum * binned.observed_rate as covariation,
        -- Less than that is what rounding leaves of scores that are all equal.
        case
            when
                sums.judged_score_square_sum * (1 - 1e-10)
                > power(sums.judged_score_sum, 2) / sums.labeled_rows
                then sums.judged_score_square_sum
                    - power(sums.judged_score_sum, 2) / sums.labeled_rows
        end as score_variation
    from binned
    inner join {{ ref('int_performance_window') }} as sums
        on
            sums.traffic = 'live'
            and {{ same_columns('binned', 'sums', keys) }}
    inner join {{ ref('stg_monitors') }} as monitors
        on binned.monitor = monitors.monitor
)

select
    {{ select_columns('binned', keys) | replace(', ', ',\n    ') }},
    cast(binned.labeled_rows as bigint) as labeled_rows,
    binned.mean_score,
    binned.observed_rate,
    binned.mean_score - binned.observed_rate as bias,
    binned.ece,
    sqrt(greatest(binned.reliability - binned.reliability_by_chance, 0)) as debiased_error,
    binned.covariation / binned.score_variation as slope,
    binned.observed_rate - binned.mean_score * binned.covariation / binned.score_variation
        as intercept,
    binned.brier,
    binned.reliability as brier_reliability,
    binned.resolution as brier_resolution,
    binned.observed_rate * (1 - binned.observed_rate) as brier_uncertainty,
    case
        when least(binned.positive_rows, binned.labeled_rows - binned.positive_rows) < 30
            then 'insufficient_data'
        else 'ok'
    end as status,
    case when bias.lower_bound < -1 then -1 else bias.lower_bound end as bias_lower_bound,
    case when bias.upper_bound > 1 then 1 else bias.upper_bound end as bias_upper_bound,
    bias.design_effect
from beside_their_sums as binned
inner join {{ ref('int_metric_window') }} as bias
    on
        bias.metric_name = 'bias of scores'
        and bias.traffic = 'live'
        and {{ same_columns('binned', 'bias', keys) }}
