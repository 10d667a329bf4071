select
    monitor,
    bins_version,
    feature_name,
    bin_id,
    feature_kind,
    bin_kind,
    lower_bound,
    upper_bound,
    category
from {{ ref('int_feature_cells') }}
where grain = 'public'
