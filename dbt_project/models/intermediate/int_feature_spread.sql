{#- Interquartile range of each numeric feature in its bin reference: the unit of the Wasserstein
    distance. Quartiles are interpolated inside fine bins. -#}
with

reference_cells as (
    select
        cells.monitor,
        cells.feature_name,
        cells.cell_id,
        cells.lower_bound,
        cells.upper_bound,
        reference.reference_rows,
        sum(reference.reference_rows) over (
            partition by cells.monitor, cells.feature_name order by cells.cell_id
        ) as rows_through,
        sum(reference.reference_rows) over (partition by cells.monitor, cells.feature_name)
            as total_rows
    from {{ ref('int_feature_cells') }} as cells
    inner join {{ ref('int_feature_reference') }} as reference
        on
            cells.monitor = reference.monitor
            and cells.feature_name = reference.feature_name
            and cells.cell_id = reference.cell_id
            and reference.reference = 'training'
            and reference.model_version = 'unregistered'
            and reference.segment_name = 'overall'
    where cells.grain = 'fine' and cells.bin_kind in ('point', 'interval')
)

select
    monitor,
    feature_name,
    max({{ quantile_in_cell(0.75) }}) as p75,
    max({{ quantile_in_cell(0.25) }}) as p25,
    max({{ quantile_in_cell(0.75) }}) - max({{ quantile_in_cell(0.25) }}) as interquartile_range
from reference_cells
group by monitor, feature_name
