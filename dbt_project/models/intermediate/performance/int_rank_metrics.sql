{#- What depends on the order of the scores: ROC AUC with mid-ranks inside a cell and its largest
    possible error from the cells, average precision, and their standard errors for independent rows
    (DeLong 1988; infinitesimal jackknife), null under two rows of a class. Windows of one day have
    beside them what the day pulls each metric of the 30 days up to it away from its value. -#}
with

{%- set keys = [
    'monitor', 'model_version', 'traffic', 'segment_name', 'segment_value', 'metric_date',
] %}

-- Each class of a monitor with several is one against the rest.
all_windows as (
    select window_id, 0 as class_position, {{ keys | join(', ') }}, window_days
    from {{ ref('int_performance_window') }}
    union all
    select
        {{ class_window('keyed.window_id', 'classes.class_position') }}, classes.class_position,
        {{ select_columns('keyed', keys) }}, keyed.window_days
    from {{ ref('int_performance_window') }} as keyed
    inner join {{ ref('stg_classes') }} as classes
        on keyed.monitor = classes.monitor
),

windowed as (
    select
        *,
        max(case when window_days = 30 then window_id end) over (
            partition by {{ keys | join(', ') }}, class_position
        ) as month_window_id
    from all_windows
),

ordered as (
    select
        window_id,
        score_cell,
        cast(positive_rows as {{ type_double() }}) as positive_rows,
        cast(labeled_rows - positive_rows as {{ type_double() }}) as negative_rows,
        cast(sum(positive_rows) over key_cells as {{ type_double() }}) as positives_through,
        cast(sum(labeled_rows) over key_cells as {{ type_double() }}) as labeled_through,
        cast(sum(positive_rows) over key_window as {{ type_double() }}) as positives,
        cast(sum(labeled_rows - positive_rows) over key_window as {{ type_double() }}) as negatives
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

-- Average precision is the mean over positives of the share of positives among rows as high. Its
-- value takes the rows of a cell in random order, its influences take them as tied. A row counts in
-- that share for every positive below it too: `credit` is what it adds there if it is positive,
-- `debit` what it takes away by being a row.
placed as (
    select
        *,
        negatives - (labeled_through - positives_through) + 0.5 * negative_rows as negatives_below,
        (positives_through - 0.5 * positive_rows) / nullif(positives, 0)
            as positives_above_share,
        positives_through / labeled_through as precision_at,
        case
            when positive_rows > 0
                then {{ mixed_precision(
                    'positive_rows', '(positive_rows + negative_rows)',
                    '(positives_through - positive_rows)',
                    '(labeled_through - positive_rows - negative_rows)'
                ) }}
        end as mixed_precision,
        -- Only where a cell holds both classes does the order matter.
        {% for order, precision in [('worst', worst_precision), ('best', best_precision)] %}
        case
            when positive_rows > 0 and negative_rows > 0
                then {{ precision(
                    'positive_rows', '(positive_rows + negative_rows)',
                    '(positives_through - positive_rows)',
                    '(labeled_through - positive_rows - negative_rows)'
                ) }}
        end as {{ order }}_precision,
        {% endfor %}
        {{ harmonic_span(
            '(labeled_through - positive_rows - negative_rows)', 'labeled_through'
        ) }} / (positive_rows + negative_rows) as mean_inverse_place,
        sum(positive_rows / labeled_through) over key_cells as credit,
        sum(positive_rows * positives_through / power(labeled_through, 2)) over key_cells as debit
    from ordered
    window
        key_cells as (
            partition by window_id order by score_cell
        )
),

valued as (
    select
        window_id,
        max(positives) as positives,
        max(negatives) as negatives,
        -- A sum of halves, which is exact: the same in whatever order an engine adds.
        sum(positive_rows * negatives_below) / nullif(max(positives) * max(negatives), 0)
            as roc_auc,
        0.5 * sum(positive_rows * negative_rows)
        / nullif(max(positives) * max(negatives), 0) as roc_auc_error_bound,
        sum(positive_rows * precision_at) / nullif(max(positives), 0) as tied_precision,
        sum(positive_rows * (1 - precision_at) * mean_inverse_place) / nullif(max(positives), 0)
            as precision_excess,
        sum(positive_rows * mixed_precision) / nullif(max(positives), 0) as mixed_precision,
        greatest(
            coalesce(sum(positive_rows * (mixed_precision - worst_precision)), 0),
            coalesce(sum(positive_rows * (best_precision - mixed_precision)), 0)
        ) / nullif(max(positives), 0) as precision_error_bound
    from placed
    group by window_id
),

-- How far one more row of a class in a cell would move each metric.
influences as (
    select
        placed.window_id,
        placed.score_cell,
        placed.positive_rows,
        placed.negative_rows,
        (placed.negatives_below / nullif(valued.negatives, 0) - valued.roc_auc)
        / valued.positives as auc_of_positive,
        (placed.positives_above_share - valued.roc_auc) / nullif(valued.negatives, 0)
            as auc_of_negative,
        (placed.precision_at + placed.credit - placed.debit - valued.tied_precision)
        / valued.positives as precision_of_positive,
        -placed.debit / valued.positives as precision_of_negative
    from placed
    inner join valued
        on placed.window_id = valued.window_id and valued.positives > 0
),

spread as (
    select
        window_id,
        sum(positive_rows * power(auc_of_positive, 2)) as auc_square_of_positives,
        sum(negative_rows * power(auc_of_negative, 2)) as auc_square_of_negatives,
        sum(
            positive_rows * power(precision_of_positive, 2)
            + negative_rows * power(precision_of_negative, 2)
        ) as precision_square
    from influences
    group by window_id
),

day_pulls as (
    select
        days.window_id,
        sum(
            cells.positive_rows * influences.auc_of_positive
            + (cells.labeled_rows - cells.positive_rows) * influences.auc_of_negative
        ) as roc_auc_pull,
        sum(
            cells.positive_rows * influences.precision_of_positive
            + (cells.labeled_rows - cells.positive_rows) * influences.precision_of_negative
        ) as average_precision_pull
    from windowed as days
    inner join {{ ref('int_score_window') }} as cells
        on days.window_id = cells.window_id
    inner join influences
        on
            days.month_window_id = influences.window_id
            and cells.score_cell = influences.score_cell
    where days.window_days = 1 and cells.labeled_rows > 0
    group by days.window_id
)

select
    windowed.monitor,
    windowed.model_version,
    windowed.traffic,
    windowed.segment_name,
    windowed.segment_value,
    windowed.metric_date,
    windowed.window_days,
    windowed.class_position,
    cast(valued.positives as bigint) as positives,
    cast(valued.negatives as bigint) as negatives,
    valued.roc_auc,
    valued.roc_auc_error_bound,
    case
        when valued.positives > 1 and valued.negatives > 1
            then sqrt(
                spread.auc_square_of_positives * valued.positives / (valued.positives - 1)
                + spread.auc_square_of_negatives * valued.negatives / (valued.negatives - 1)
            )
    end as roc_auc_standard_error,
    valued.mixed_precision as average_precision,
    -- A positive counts itself among the rows as high: so much is the value too great on average.
    valued.precision_excess as average_precision_excess,
    valued.precision_error_bound as average_precision_error_bound,
    case
        -- Few positives: Student's quantile in the place of the normal that the bounds take.
        when valued.positives > 1 and valued.negatives > 1
            then ({{ t_over_z('(1 / (valued.positives - 1))') }}) * sqrt(
                spread.precision_square * valued.positives / (valued.positives - 1)
            )
    end as average_precision_standard_error,
    -- Per row of the month, so that days of a short month weigh no more than others.
    day_pulls.roc_auc_pull * (last_month.positives + last_month.negatives) as roc_auc_pull,
    (
        month_spread.auc_square_of_positives * valued.positives / nullif(last_month.positives, 0)
        * (1 - valued.positives / nullif(last_month.positives, 0))
        + month_spread.auc_square_of_negatives * valued.negatives / nullif(last_month.negatives, 0)
        * (1 - valued.negatives / nullif(last_month.negatives, 0))
    ) * power(last_month.positives + last_month.negatives, 2) as roc_auc_pull_variance,
    day_pulls.average_precision_pull * (last_month.positives + last_month.negatives)
        as average_precision_pull,
    -- What rounding leaves of a perfect order is no variance.
    case
        when month_spread.precision_square * last_month.positives > 1e-20
            then month_spread.precision_square * (valued.positives + valued.negatives)
                * (last_month.positives + last_month.negatives)
                * (
                    1 - (valued.positives + valued.negatives)
                    / (last_month.positives + last_month.negatives)
                )
    end as average_precision_pull_variance
from windowed
inner join valued
    on windowed.window_id = valued.window_id
left join spread
    on windowed.window_id = spread.window_id
left join day_pulls
    on windowed.window_id = day_pulls.window_id
left join valued as last_month
    on windowed.month_window_id = last_month.window_id
left join spread as month_spread
    on windowed.month_window_id = month_spread.window_id
