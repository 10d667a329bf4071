{{ config(materialized='incremental', incremental_strategy='append', full_refresh=false) }}
{#- Frozen bins: rows are added for a feature that has none and are never rebuilt. An edge
    stands where the reference enters a new tenth of its rows; a value with a tenth of all rows
    is a point bin and an edge itself. -#}
with

-- The number of a feature stands for its name while all its values are sorted.
numbered_features as (
    select
        monitor, bins_version, feature_name,
        cast(row_number() over (order by monitor, bins_version, feature_name) as integer)
            as feature_number
    from (
        select distinct monitor, bins_version, feature_name
        from {{ ref('int_reference_values') }}
        where feature_kind = 'numeric'
    ) as features
),

value_counts as (
    select
        features.feature_number,
        counts.numeric_value,
        cast(sum(counts.row_count) as bigint) as row_count
    from {{ ref('int_reference_values') }} as counts
    inner join numbered_features as features
        on
            counts.monitor = features.monitor
            and counts.bins_version = features.bins_version
            and counts.feature_name = features.feature_name
    where counts.feature_kind = 'numeric' and {{ is_finite('counts.numeric_value') }}
    group by features.feature_number, counts.numeric_value
),

feature_totals as (
    select
        feature_number,
        cast(sum(row_count) as bigint) as total_rows,
        max(numeric_value) as largest
    from value_counts
    group by feature_number
),

marked_values as (
    select
        counts.feature_number,
        counts.numeric_value,
        counts.row_count,
        counts.row_count >= 0.1 * totals.total_rows as is_point
    from value_counts as counts
    inner join feature_totals as totals
        on counts.feature_number = totals.feature_number
),

kind_totals as (
    select feature_number, is_point, cast(sum(row_count) as bigint) as rows_of_kind
    from marked_values
    group by feature_number, is_point
),

running_values as (
    select
        feature_number,
        numeric_value,
        row_count,
        is_point,
        cast(sum(row_count) over (
            partition by feature_number, is_point order by numeric_value
            rows between unbounded preceding and current row
        ) as bigint) as rows_through
    from marked_values
),

ranked_values as (
    select
        named.monitor,
        named.bins_version,
        named.feature_name,
        ranked.numeric_value,
        ranked.row_count,
        ranked.is_point,
        ranked.rows_through,
        kinds.rows_of_kind,
        totals.total_rows,
        totals.largest
    from running_values as ranked
    inner join kind_totals as kinds
        on ranked.feature_number = kinds.feature_number and ranked.is_point = kinds.is_point
    inner join feature_totals as totals
        on ranked.feature_number = totals.feature_number
    inner join numbered_features as named
        on ranked.feature_number = named.feature_number
),

leveled_values as (
    select
        *,
        greatest(
            1.0, floor(10 * {{ ratio('rows_of_kind', 'total_rows') }} + 0.5)
        ) as levels
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
