{#- What facts are counted in: public bins for segments, and for overall fine cells, each public
    interval cut into ten of equal width. -#}
with

current_bins as (
    select bins.*
    from {{ ref('int_feature_bins') }} as bins
    inner join {{ ref('stg_monitors') }} as monitors
        on bins.monitor = monitors.monitor and bins.bins_version = monitors.bins_version
    inner join {{ ref('stg_features') }} as features
        on
            bins.monitor = features.monitor
            and bins.feature_name = features.feature_name
            and bins.feature_kind = features.feature_kind
),

-- The categories of a rare bin are one cell.
public_cells as (
    select
        monitor,
        bins_version,
        feature_name,
        feature_kind,
        bin_id,
        min(bin_kind) as bin_kind,
        min(lower_bound) as lower_bound,
        max(upper_bound) as upper_bound,
        case when count(*) = 1 then min(category) end as category
    from current_bins
    group by monitor, bins_version, feature_name, feature_kind, bin_id
),

tenths as (
    select 0 as tenth
    {% for tenth in range(1, 10) %}
    union all
    select {{ tenth }}
    {% endfor %}
),

fine_cells as (
    select
        cells.monitor,
        cells.bins_version,
        cells.feature_name,
        cells.feature_kind,
        cells.bin_id * 10 + tenths.tenth as cell_id,
        cells.bin_id,
        cells.bin_kind,
        cells.lower_bound + (cells.upper_bound - cells.lower_bound) * tenths.tenth / 10
            as lower_bound,
        case
            when tenths.tenth = 9 then cells.upper_bound
            else
                cells.lower_bound
                + (cells.upper_bound - cells.lower_bound) * (tenths.tenth + 1) / 10
        end as upper_bound,
        cells.category
    from public_cells as cells
    cross join tenths
    where cells.bin_kind = 'interval' and cells.lower_bound < cells.upper_bound
    union all
    select
        monitor,
        bins_version,
        feature_name,
        feature_kind,
        case
            when feature_kind = 'numeric' and bin_id >= 0 then bin_id * 10 else bin_id
        end,
        bin_id,
        bin_kind,
        lower_bound,
        upper_bound,
        category
    from public_cells
    where bin_kind <> 'interval' or lower_bound >= upper_bound
)

select
    monitor, bins_version, feature_name, feature_kind, 'fine' as grain, cell_id, bin_id, bin_kind,
    lower_bound, upper_bound, category
from fine_cells
union all
select
    monitor, bins_version, feature_name, feature_kind, 'public' as grain, bin_id as cell_id, bin_id,
    bin_kind, lower_bound, upper_bound, category
from public_cells
