{{ config(materialized='incremental', incremental_strategy='append', full_refresh=false) }}
{#- Frozen bins: rows are added for a feature that has none and are never rebuilt. An edge stands where
    the reference enters a new tenth of its rows; a value with a tenth of all rows is a point bin and
    an edge itself. -#}
with

value_counts as (
    select monitor, bins_version, feature_name, numeric_value, sum(row_count) as row_count
    from {{ ref('int_reference_values') }}
    where feature_kind = 'numeric' and {{ is_finite('numeric_value') }}
    group by monitor, bins_version, feature_name, numeric_value
),

marked_values as (
    select
        *,
        row_count >= 0.1 * sum(row_count) over (
            partition by monitor, bins_version, feature_name
        ) as is_point,
        sum(row_count) over (partition by monitor, bins_version, feature_name) as total_rows,
        max(numeric_value) over (partition by monitor, bins_version, feature_name) as largest
    from value_counts
),

ranked_values as (
    select
        *,
        sum(row_count) over (
            partition by monitor, bins_version, feature_name, is_point
            order by numeric_value
        ) as rows_through,
        sum(row_count) over (partition by monitor, bins_version, feature_name, is_point)
            as rows_of_kind
    from marked_values
),

leveled_values as (
    select
        *,
        cast(greatest(1, round(10.0 * rows_of_kind / total_rows)) as {{ type_double() }}) as levels
    from ranked_values
),

edges as (
    select
        monitor,
        bins_version,
        feature_name,
        numeric_value as edge,
        is_point,
        largest
    from leveled_values
    where
        is_point
        or floor((rows_through - 1) * levels / rows_of_kind)
        > floor((rows_through - row_count - 1) * levels / rows_of_kind)
),

bounded_edges as (
    select
        *,
        lead(edge) over (
            partition by monitor, bins_version, feature_name order by edge
        ) as next_edge
    from edges
),

inner_bins as (
    select
        monitor,
        bins_version,
        feature_name,
        'point' as bin_kind,
        edge as lower_bound,
        edge as upper_bound,
        0 as kind_order
    from bounded_edges
    where is_point
    union all
    select
        monitor,
        bins_version,
        feature_name,
        'interval',
        edge,
        coalesce(next_edge, largest),
        1
    from bounded_edges
    where not is_point or edge < largest
),

numbered_bins as (
    select
        monitor,
        bins_version,
        feature_name,
        bin_kind,
        lower_bound,
        upper_bound,
        row_number() over (
            partition by monitor, bins_version, feature_name order by lower_bound, kind_order
        ) as bin_id
    from inner_bins
),

outer_bins as (
    select
        monitor,
        bins_version,
        feature_name,
        min(lower_bound) as smallest,
        max(upper_bound) as largest,
        max(bin_id) as bins
    from numbered_bins
    group by monitor, bins_version, feature_name
),

category_counts as (
    select
        monitor,
        bins_version,
        feature_name,
        category,
        sum(row_count) as row_count,
        {{ ratio(
            'sum(row_count)',
            'sum(sum(row_count)) over (partition by monitor, bins_version, feature_name)'
        ) }} as row_share
    from {{ ref('int_reference_values') }}
    where feature_kind = 'categorical' and category is not null
    group by monitor, bins_version, feature_name, category
),

ranked_categories as (
    select
        *,
        row_number() over (
            partition by monitor, bins_version, feature_name
            order by row_count desc, {{ byte_order('category') }}
        ) as frequency_rank
    from category_counts
),

marked_categories as (
    select
        *,
        row_share >= 0.01 and frequency_rank <= 30 as is_own_bin,
        sum(case when row_share >= 0.01 and frequency_rank <= 30 then 1 else 0 end) over (
            partition by monitor, bins_version, feature_name
        ) as own_bins
    from ranked_categories
),

features as (
    select distinct monitor, bins_version, feature_name, feature_kind
    from {{ ref('int_reference_values') }}
),

all_bins as (
    select
        monitor, bins_version, feature_name, 'numeric' as feature_kind, bin_id,
        bin_kind, lower_bound, upper_bound, cast(null as {{ dbt.type_string() }}) as category
    from numbered_bins
    union all
    select
        monitor, bins_version, feature_name, 'numeric', 0,
        'below', cast(null as {{ type_double() }}), smallest, null
    from outer_bins
    union all
    select
        monitor, bins_version, feature_name, 'numeric', bins + 1,
        'above', largest, null, null
    from outer_bins
    union all
    select
        monitor, bins_version, feature_name, 'categorical',
        case when is_own_bin then frequency_rank else own_bins + 1 end,
        case when is_own_bin then 'category' else 'rare' end,
        null, null, category
    from marked_categories
    union all
    select
        monitor, bins_version, feature_name, feature_kind, -1, 'null', null, null, null
    from features
    union all
    select
        monitor, bins_version, feature_name, feature_kind, -2, 'non_finite', null, null, null
    from features
    where feature_kind = 'numeric'
    union all
    select
        features.monitor, features.bins_version, features.feature_name, features.feature_kind,
        -3, 'unseen', null, null, null
    from features
    left join outer_bins
        on
            features.monitor = outer_bins.monitor
            and features.bins_version = outer_bins.bins_version
            and features.feature_name = outer_bins.feature_name
    -- Also a number where the reference has none: its rows must be counted somewhere.
    where features.feature_kind = 'categorical' or outer_bins.feature_name is null
),

final as (
    select
        monitor,
        bins_version,
        feature_name,
        feature_kind,
        cast(bin_id as integer) as bin_id,
        bin_kind,
        cast(lower_bound as {{ type_double() }}) as lower_bound,
        cast(upper_bound as {{ type_double() }}) as upper_bound,
        category
    from all_bins
)

select * from final
