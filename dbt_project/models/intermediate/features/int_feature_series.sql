{#- Each feature in each segment value, under a number that stands for its name in the many rows of
    windows and distances of one build. -#}
select
    cast(row_number() over (
        order by
            segment_values.monitor, segment_values.segment_name, segment_values.segment_value,
            features.feature_name
    ) as integer) as series_id,
    segment_values.monitor,
    segment_values.segment_name,
    segment_values.segment_value,
    segment_values.first_day,
    features.feature_name,
    features.feature_kind,
    case when segment_values.segment_name = 'overall' then 'fine' else 'public' end as grain
from {{ ref('int_segment_values') }} as segment_values
inner join {{ ref('stg_features') }} as features
    on segment_values.monitor = features.monitor
