{#- What facts are counted in: fine cells for overall, public bins for segments. -#}
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

fine_cells as (
    select
        monitor,
        bins_version,
        feature_name,
        feature_kind,
        'fine' as grain,
        fine_bin_id as cell_id,
        bin_id,
        min(bin_kind) as bin_kind,
        min(lower_bound) as lower_bound,
        max(upper_bound) as upper_bound,
        case when count(*) = 1 then min(category) end as category
    from current_bins
    group by monitor, bins_version, feature_name, feature_kind, fine_bin_id, bin_id
),

public_cells as (
    select
        monitor,
        bins_version,
        feature_name,
        feature_kind,
        'public' as grain,
        bin_id as cell_id,
        bin_id,
        min(bin_kind) as bin_kind,
        min(lower_bound) as lower_bound,
        max(upper_bound) as upper_bound,
        case when count(*) = 1 then min(category) end as category
    from current_bins
    group by monitor, bins_version, feature_name, feature_kind, bin_id
)

select * from fine_cells
union all
select * from public_cells
