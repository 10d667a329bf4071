{{ config(materialized='view') }}
{#- The map from score to probability of each version: labelled rows in up to 100 groups of score
    cells, and in each the rate of positives made monotone (isotonic regression). Once on the fine
    cells that all rows are counted in, once on the coarse ones of segments. -#}
with

cells as (
    select
        spans.monitor,
        spans.model_version,
        grids.cells_per_unit,
        cast(floor(facts.score_cell / (50.0 / grids.cells_per_unit)) as integer) as score_cell,
        cast(sum(facts.labeled_rows) as bigint) as row_count,
        cast(sum(facts.positive_rows) as bigint) as positive_rows
    from {{ ref('int_calibration_spans') }} as spans
    inner join {{ ref('int_score_histogram_daily') }} as facts
        on
            spans.monitor = facts.monitor
            and spans.model_version = facts.model_version
            and spans.traffic = facts.traffic
            and facts.metric_date between spans.fitted_from and spans.fitted_to
            and facts.segment_name = 'overall'
            and facts.labeled_rows > 0
    cross join (values (50), (10)) as grids (cells_per_unit)
    group by
        spans.monitor, spans.model_version, grids.cells_per_unit,
        cast(floor(facts.score_cell / (50.0 / grids.cells_per_unit)) as integer)
),

-- What a cell holds of the positives if its scores were probabilities, in millionths and whole, so
-- that sums are exact.
weighed as (
    select
        *,
        row_count * cast(
            1 + floor(1000000 / (1 + exp({{ ratio('-(score_cell + 0.5)', 'cells_per_unit') }})))
            as bigint
        ) as score_mass
    from cells
),

running as (
    select
        *,
        {% for mass in ['row_count', 'score_mass'] %}
        {{ ratio('2 * (sum(' ~ mass ~ ') over key_cells) - ' ~ mass,
            '2 * (sum(' ~ mass ~ ') over key_map)') }} as {{ mass }}_middle
        {{- ',' if not loop.last }}
        {% endfor %}
    from weighed
    window
        key_map as (
            partition by monitor, model_version, cells_per_unit
        ),
        key_cells as (
            partition by monitor, model_version, cells_per_unit order by score_cell
        )
),

-- Half by rows and half by positives, so that the few high scores of a rare class are told apart.
grouped as (
    select
        monitor,
        model_version,
        cells_per_unit,
        cast(1 + floor(50 * (row_count_middle + score_mass_middle)) as integer) as group_id,
        min(score_cell) as first_cell,
        cast(sum(row_count) as bigint) as row_count,
        cast(sum(positive_rows) as bigint) as positive_rows
    from running
    group by
        monitor, model_version, cells_per_unit,
        cast(1 + floor(50 * (row_count_middle + score_mass_middle)) as integer)
),

cumulated as (
    select
        *,
        sum(row_count) over key_groups as rows_through,
        sum(positive_rows) over key_groups as positives_through
    from grouped
    window key_groups as (
        partition by monitor, model_version, cells_per_unit order by group_id
    )
),

-- The rate from each group to each later one, and the least of those that reach a group or further.
least_rates as (
    select
        lower_end.monitor,
        lower_end.model_version,
        lower_end.cells_per_unit,
        upper_end.group_id,
        min(
            {{ ratio(
                'upper_end.positives_through - lower_end.positives_through'
                ~ ' + lower_end.positive_rows',
                'upper_end.rows_through - lower_end.rows_through + lower_end.row_count'
            ) }}
        ) over (
            partition by
                lower_end.monitor, lower_end.model_version, lower_end.cells_per_unit,
                lower_end.group_id
            order by upper_end.group_id desc
        ) as least_rate
    from cumulated as lower_end
    inner join cumulated as upper_end
        on
            lower_end.monitor = upper_end.monitor
            and lower_end.model_version = upper_end.model_version
            and lower_end.cells_per_unit = upper_end.cells_per_unit
            and lower_end.group_id <= upper_end.group_id
),

-- Isotonic regression by the formula of max and min (Brunk 1955).
monotone as (
    select
        monitor, model_version, cells_per_unit, group_id,
        max(least_rate) as probability
    from least_rates
    group by monitor, model_version, cells_per_unit, group_id
)

-- Groups that were pooled are a block: one rate, from all of their rows.
select
    cumulated.monitor,
    cumulated.model_version,
    cumulated.cells_per_unit,
    cumulated.group_id,
    cumulated.first_cell,
    cumulated.row_count,
    cumulated.positive_rows,
    monotone.probability,
    cast(dense_rank() over (
        partition by cumulated.monitor, cumulated.model_version, cumulated.cells_per_unit
        order by monotone.probability
    ) as integer) as block_id,
    cast(sum(cumulated.row_count) over key_block as bigint) as block_rows,
    cast(sum(cumulated.positive_rows) over key_block as bigint) as block_positives
from cumulated
inner join monotone
    on {{ same_columns('cumulated', 'monotone', [
        'monitor', 'model_version', 'cells_per_unit', 'group_id',
    ]) }}
window key_block as (
    partition by
        cumulated.monitor, cumulated.model_version, cumulated.cells_per_unit,
        monotone.probability
)
