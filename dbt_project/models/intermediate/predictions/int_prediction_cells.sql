{#- The frozen cells of the bins_version in use, with the outer cells, null and invalid scores: fine
    cells for overall, public bins for segments. -#}
with

inner_cells as (
    select
        bins.*,
        case when monitors.task in ('binary', 'multiclass') then 0 end as least_score,
        case when monitors.task in ('binary', 'multiclass') then 1 end as greatest_score
    from {{ ref('int_prediction_bins') }} as bins
    inner join {{ ref('stg_monitors') }} as monitors
        on bins.monitor = monitors.monitor and bins.bins_version = monitors.bins_version
),

ends as (
    select
        monitor,
        bins_version,
        min(cell_id) as first_cell,
        max(last_cell) as last_cell,
        max(bin_id) as bins,
        min(lower_bound) as smallest,
        max(upper_bound) as largest,
        min(least_score) as least_score,
        max(greatest_score) as greatest_score
    from inner_cells
    group by monitor, bins_version
),

all_cells as (
    select
        monitor, bins_version, cell_id, cell_id as from_cell, last_cell as to_cell, bin_id,
        'interval' as bin_kind, lower_bound, upper_bound
    from inner_cells
    union all
    select
        monitor, bins_version, first_cell - 1, -100000, first_cell - 1, 0, 'below',
        least_score, smallest
    from ends
    union all
    select
        monitor, bins_version, last_cell + 1, last_cell + 1, 100000, bins + 1, 'above',
        largest, greatest_score
    from ends
    union all
    select monitor, bins_version, -200001, null, null, -1, 'null', null, null
    from ends
    union all
    select monitor, bins_version, -200002, null, null, -2, 'invalid', null, null
    from ends
)

select
    monitor, bins_version, 'fine' as grain, cell_id, from_cell, to_cell, bin_id, bin_kind,
    lower_bound, upper_bound
from all_cells
union all
select
    monitor,
    bins_version,
    'public' as grain,
    min(cell_id) as cell_id,
    min(from_cell) as from_cell,
    max(to_cell) as to_cell,
    bin_id,
    min(bin_kind) as bin_kind,
    min(lower_bound) as lower_bound,
    max(upper_bound) as upper_bound
from all_cells
group by monitor, bins_version, bin_id
