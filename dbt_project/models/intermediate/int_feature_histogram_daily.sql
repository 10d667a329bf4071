{#- The mergeable fact: rows per day, segment value, feature and cell. Counted once on the finest
    combination of segment values, then rolled up. -#}
with

-- The search among the edges is done once per distinct value.
located_values as (
    select
        distinct_values.monitor,
        distinct_values.feature_name,
        distinct_values.numeric_value,
        {{ count_edges_at_or_below('edges.closed_edges', 'distinct_values.numeric_value') }}
        + {{ count_edges_below('edges.open_edges', 'distinct_values.numeric_value') }}
            as fine_bin_id
    from (
        select distinct monitor, feature_name, numeric_value
        from {{ ref('int_feature_values') }}
        where feature_kind = 'numeric' and {{ is_finite('numeric_value') }}
    ) as distinct_values
    inner join {{ ref('int_feature_edges') }} as edges
        on
            distinct_values.monitor = edges.monitor
            and distinct_values.feature_name = edges.feature_name
),

coded as (
    select
        long.monitor,
        long.origin,
        long.metric_date,
        long.segment_values,
        long.feature_name,
        case
            when long.numeric_value is null then -1
            when not {{ is_finite('long.numeric_value') }} then -2
            else coalesce(located.fine_bin_id, -3)
        end as fine_bin_id
    from {{ ref('int_feature_values') }} as long
    left join located_values as located
        on
            long.monitor = located.monitor
            and long.feature_name = located.feature_name
            and long.numeric_value = located.numeric_value
    where long.feature_kind = 'numeric'
    union all
    select
        long.monitor,
        long.origin,
        long.metric_date,
        long.segment_values,
        long.feature_name,
        case
            when long.category is null then -1
            when bins.fine_bin_id is null then -3
            else bins.fine_bin_id
        end
    from {{ ref('int_feature_values') }} as long
    inner join {{ ref('stg_monitors') }} as monitors
        on long.monitor = monitors.monitor
    left join {{ ref('int_feature_bins') }} as bins
        on
            long.monitor = bins.monitor
            and monitors.bins_version = bins.bins_version
            and long.feature_name = bins.feature_name
            and long.category = bins.category
    where long.feature_kind = 'categorical'
),

finest_counts as (
    select
        monitor,
        origin,
        metric_date,
        segment_values,
        feature_name,
        fine_bin_id,
        count(*) as row_count
    from coded
    group by monitor, origin, metric_date, segment_values, feature_name, fine_bin_id
),

overall_counts as (
    select
        monitor,
        origin,
        metric_date,
        'overall' as segment_name,
        'all' as segment_value,
        feature_name,
        'fine' as grain,
        fine_bin_id as cell_id,
        sum(row_count) as row_count
    from finest_counts
    group by monitor, origin, metric_date, feature_name, fine_bin_id
),

exploded_counts as (
    select
        monitor,
        origin,
        metric_date,
        feature_name,
        fine_bin_id,
        row_count,
        {{ explode('segment_values', 'segment_value', 'position') }}
    from finest_counts
),

segment_counts as (
    select
        counts.monitor,
        counts.origin,
        counts.metric_date,
        segments.segment_name,
        coalesce(counts.segment_value, 'unknown') as segment_value,
        counts.feature_name,
        'public' as grain,
        cells.bin_id as cell_id,
        sum(counts.row_count) as row_count
    from exploded_counts as counts
    inner join {{ ref('stg_segments') }} as segments
        on counts.monitor = segments.monitor and counts.position = segments.position
    inner join {{ ref('int_feature_cells') }} as cells
        on
            counts.monitor = cells.monitor
            and counts.feature_name = cells.feature_name
            and counts.fine_bin_id = cells.cell_id
            and cells.grain = 'fine'
    group by
        counts.monitor, counts.origin, counts.metric_date, segments.segment_name,
        coalesce(counts.segment_value, 'unknown'), counts.feature_name, cells.bin_id
),

all_counts as (
    select * from overall_counts
    union all
    select * from segment_counts
)

select
    counts.monitor,
    counts.origin,
    counts.metric_date,
    counts.segment_name,
    counts.segment_value,
    cells.bins_version,
    counts.feature_name,
    counts.grain,
    counts.cell_id,
    cells.bin_id,
    cast(counts.row_count as bigint) as row_count
from all_counts as counts
inner join {{ ref('int_feature_cells') }} as cells
    on
        counts.monitor = cells.monitor
        and counts.feature_name = cells.feature_name
        and counts.grain = cells.grain
        and counts.cell_id = cells.cell_id
