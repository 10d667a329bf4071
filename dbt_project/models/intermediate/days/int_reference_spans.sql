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
select
    monitor,
    'training of ' || model_version,
    least(train_from, holdout_from),
    greatest(train_to, holdout_to),
    {{ add_days('created_on', 1) }}
from {{ ref('int_known_versions') }}
