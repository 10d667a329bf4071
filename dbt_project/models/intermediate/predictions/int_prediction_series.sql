{#- The scores of each version in each segment value, under a number that stands for its name in
    the many rows of windows and distances of one build. -#}
select
    cast(row_number() over (
        order by monitor, model_version, segment_name, segment_value
    ) as integer) as series_id,
    monitor,
    model_version,
    segment_name,
    segment_value,
    case when segment_name = 'overall' then 'fine' else 'public' end as grain
from (
    select distinct monitor, model_version, segment_name, segment_value
    from {{ ref('int_performance_window') }}
    where traffic = 'live'
) as keyed
