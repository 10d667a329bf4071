{#- The spans of days that stand still and that later days are compared with: their facts are an
    input of every day from `used_from` on. -#}
select
    monitor,
    'bins' as reference_key,
    reference_from,
    reference_to,
    {{ never('before') }} as used_from
from {{ ref('int_bin_reference') }}
union all
select
    monitor,
    'stable of ' || model_version,
    first_day,
    {{ add_days('first_day', 27) }},
    {{ add_days('first_day', 27) }}
from {{ ref('int_version_spans') }}
where traffic = 'live'
union all
-- Rows that a version answered are compared with its training on whatever day they are dated.
select
    versions.monitor,
    'training of ' || versions.model_version,
    least(versions.train_from, versions.holdout_from),
    greatest(versions.train_to, versions.holdout_to),
    least(coalesce(spans.first_day, {{ never('after') }}), {{ add_days('versions.created_on', 1) }})
from {{ ref('int_known_versions') }} as versions
left join {{ ref('int_version_spans') }} as spans
    on
        versions.monitor = spans.monitor
        and versions.model_version = spans.model_version
        and spans.traffic = 'live'
