{{ config(materialized='view') }}
{#- The training window of each registered version; `unregistered` stands for any other version
    and has the bin reference instead. -#}
select
    monitor,
    model_version,
    train_from as reference_from,
    train_to as reference_to
from {{ ref('int_known_versions') }}
union all
select
    monitor,
    'unregistered' as model_version,
    reference_from,
    reference_to
from {{ ref('int_bin_reference') }}
