select
    monitor,
    bins_version,
    bin_id,
    min(bin_kind) as bin_kind,
    min(lower_bound) as lower_bound,
    max(upper_bound) as upper_bound
from {{ ref('int_prediction_cells') }}
group by monitor, bins_version, bin_id
