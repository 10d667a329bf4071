{#- Interquartile range of each numeric feature in its bin reference: the unit of the Wasserstein
    distance. Quartiles are interpolated inside fine cells. -#}
with

reference_cells as (
    select
        cells.monitor,
        cells.feature_name,
        cells.cell_id,
        cells.lower_bound,
        cells.upper_bound,
        sum(counts.row_count) as reference_rows
    from {{ ref('int_feature_cells') }} as cells
    inner join {{ ref('int_bin_reference') }} as reference
        on cells.monitor = reference.monitor
    inner join {{ ref('int_feature_histogram_daily') }} as counts
        on
            cells.monitor = counts.monitor
            and cells.bins_version = counts.bins_version
            and cells.feature_name = counts.feature_name
            and cells.cell_id = counts.cell_id
            and counts.segment_name = 'overall'
            and counts.origin = reference.origin
            and counts.metric_date between reference.reference_from and reference.reference_to
    where
        cells.grain = 'fine'
        and cells.feature_kind = 'numeric'
        and cells.bin_kind in ('point', 'interval')
        and exists (
            select 1 from {{ ref('int_affected_spans') }} as spans
            where spans.monitor = cells.monitor
        )
    group by
        cells.monitor, cells.feature_name, cells.cell_id, cells.lower_bound, cells.upper_bound
),

running as (
    select
        *,
        sum(reference_rows) over (
            partition by monitor, feature_name order by cell_id
        ) as rows_through,
        sum(reference_rows) over (partition by monitor, feature_name) as total_rows
    from reference_cells
)

select
    monitor,
    feature_name,
    max({{ quantile_in_cell(0.75) }}) as p75,
    max({{ quantile_in_cell(0.25) }}) as p25,
    max({{ quantile_in_cell(0.75) }}) - max({{ quantile_in_cell(0.25) }}) as interquartile_range
from running
group by monitor, feature_name
