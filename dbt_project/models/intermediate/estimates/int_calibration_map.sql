{#- The probability of a positive in every cell of the score. Cells that no row was fitted in belong
    to the group below them, those below the first group to it. The cell that the decision threshold
    cuts is taken as called in part, its scores as spread evenly. -#}
with

digits as (
    select ten.digit
    from (values (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) as ten (digit)
),

cells as (
    select
        grids.cells_per_unit,
        100 * hundreds.digit + 10 * tens.digit + ones.digit - 10 * grids.cells_per_unit
            as score_cell
    from digits as hundreds
    cross join digits as tens
    cross join digits as ones
    cross join (values (50), (10)) as grids (cells_per_unit)
    where 100 * hundreds.digit + 10 * tens.digit + ones.digit < 20 * grids.cells_per_unit
),

bounded as (
    select
        *,
        (lag(first_cell) over key_groups) is null as is_first,
        lead(first_cell) over key_groups as next_cell
    from {{ ref('int_calibration_groups') }}
    window key_groups as (
        partition by monitor, model_version, cells_per_unit order by group_id
    )
)

select
    bounded.monitor,
    bounded.model_version,
    bounded.cells_per_unit,
    cells.score_cell,
    -- Of several classes that with the greatest score is called, whatever the score.
    case
        when monitors.decision_threshold is null then 1
        else least(greatest(
            cells.score_cell + 1 - cells.cells_per_unit
            * ln(monitors.decision_threshold / (1 - monitors.decision_threshold)),
        0), 1)
    end as called_share,
    bounded.probability,
    bounded.block_id,
    bounded.block_rows,
    -- Variance of a row's label, kept above 0 where a block has one class (a row of each is added).
    {{ ratio('bounded.block_positives + 1', 'bounded.block_rows + 2') }}
    * {{ ratio('bounded.block_rows - bounded.block_positives + 1', 'bounded.block_rows + 2') }}
        as label_variance
from bounded
inner join {{ ref('stg_monitors') }} as monitors
    on bounded.monitor = monitors.monitor
inner join cells
    on
        bounded.cells_per_unit = cells.cells_per_unit
        and (bounded.is_first or bounded.first_cell <= cells.score_cell)
        and (bounded.next_cell is null or bounded.next_cell > cells.score_cell)
