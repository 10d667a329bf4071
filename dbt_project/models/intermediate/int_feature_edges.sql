{#- A numeric feature's lower edges as two sorted arrays. The fine bin of a value is the number of
    closed edges at or below it plus the number of open edges below it: point bins and the closed
    last interval need no case of their own. -#}
with

inner_edges as (
    select
        monitor,
        feature_name,
        lower_bound as edge,
        bin_kind = 'above'
        or (bin_kind = 'interval' and lag(bin_kind) over feature_order = 'point'
            and lag(lower_bound) over feature_order = lower_bound) as is_open
    from {{ ref('int_feature_cells') }}
    where grain = 'fine' and feature_kind = 'numeric' and bin_kind in ('point', 'interval', 'above')
    window feature_order as (partition by monitor, feature_name order by cell_id)
)

select
    monitor,
    feature_name,
    coalesce(
        array_agg(edge order by edge) filter (where not coalesce(is_open, false)),
        cast(array[] as {{ type_double() }}[])
    ) as closed_edges,
    coalesce(
        array_agg(edge order by edge) filter (where coalesce(is_open, false)),
        cast(array[] as {{ type_double() }}[])
    ) as open_edges
from inner_edges
group by monitor, feature_name
