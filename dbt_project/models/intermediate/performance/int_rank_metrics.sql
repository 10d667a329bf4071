{#- What depends on the order of the scores: ROC AUC with mid-ranks inside a cell, its DeLong
    (1988) standard error (null under two rows of a class), its largest possible error from the
    cells, and average precision. -#}
with

ordered as (
    select
        *,
        cast(labeled_rows - positive_rows as {{ type_double() }}) as negative_rows,
        cast(sum(positive_rows) over key_cells as {{ type_double() }}) as positives_through,
        cast(sum(labeled_rows) over key_cells as {{ type_double() }}) as labeled_through,
        cast(sum(positive_rows) over key_window as {{ type_double() }}) as positives,
        cast(sum(labeled_rows) over key_window as {{ type_double() }}) as labeled
    from {{ ref('int_score_window') }}
    where labeled_rows > 0
    window
        key_window as (
            partition by window_id
        ),
        key_cells as (
            partition by window_id order by score_cell desc
        )
),

placed as (
    select
        *,
        labeled - positives as negatives,
        ((labeled - positives) - (labeled_through - positives_through) + 0.5 * negative_rows)
        / nullif(labeled - positives, 0) as negatives_below_share,
        (positives_through - 0.5 * positive_rows) / nullif(positives, 0)
            as positives_above_share
    from ordered
),

ranked as (
    select
        window_id,
        cast(max(positives) as bigint) as positives,
        cast(max(negatives) as bigint) as negatives,
        sum(positive_rows * negatives_below_share) / nullif(max(positives), 0) as roc_auc,
        0.5 * sum(positive_rows * negative_rows)
        / nullif(max(positives) * max(negatives), 0) as roc_auc_error_bound,
        case
            when max(positives) > 1 and max(negatives) > 1
                then sqrt(greatest(
                    (
                        sum(positive_rows * negatives_below_share * negatives_below_share)
                        / max(positives)
                        - power(sum(positive_rows * negatives_below_share) / max(positives), 2)
                    ) / (max(positives) - 1)
                    + (
                        sum(negative_rows * positives_above_share * positives_above_share)
                        / max(negatives)
                        - power(sum(negative_rows * positives_above_share) / max(negatives), 2)
                    ) / (max(negatives) - 1),
                    0
                ))
        end as roc_auc_standard_error,
        sum(positive_rows * positives_through / labeled_through) / nullif(max(positives), 0)
            as average_precision
    from placed
    group by window_id
)

select
    windowed.monitor,
    windowed.model_version,
    windowed.traffic,
    windowed.segment_name,
    windowed.segment_value,
    windowed.metric_date,
    windowed.window_days,
    ranked.positives,
    ranked.negatives,
    ranked.roc_auc,
    ranked.roc_auc_error_bound,
    ranked.roc_auc_standard_error,
    ranked.average_precision
from ranked
inner join {{ ref('int_performance_window') }} as windowed
    on ranked.window_id = windowed.window_id
