{#- Features whose bins have yet to be frozen and can be: their reference is complete. -#}
select
    features.monitor,
    features.feature_name,
    features.feature_kind,
    reference.bins_version,
    reference.origin,
    reference.reference_from,
    reference.reference_to
from {{ ref('stg_features') }} as features
inner join {{ ref('int_bin_reference') }} as reference
    on features.monitor = reference.monitor
where not exists (
    select 1
    from {{ source('driftline_state', 'int_feature_bins') }} as frozen
    where
        frozen.monitor = features.monitor
        and frozen.bins_version = reference.bins_version
        and frozen.feature_name = features.feature_name
        and frozen.feature_kind = features.feature_kind
)
