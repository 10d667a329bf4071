{#- Mergeable sums per day, segment value and numeric feature; only finite values enter. -#}
with

centres as (
    select monitor, feature_name, percentile_cont(0.5) within group (order by lower_bound) as centre
    from {{ ref('int_feature_cells') }}
    where grain = 'fine' and bin_kind in ('point', 'interval')
    group by monitor, feature_name
),

centred as (
    select
        long.*,
        coalesce(centres.centre, 0) as centre,
        long.numeric_value - coalesce(centres.centre, 0) as centred_value
    from {{ ref('int_feature_values') }} as long
    left join centres
        on long.monitor = centres.monitor and long.feature_name = centres.feature_name
),

finest as (
    select
        monitor,
        metric_date,
        segment_values,
        feature_name,
        count(*) as row_count,
        count(*) filter (where numeric_value is null) as null_count,
        count(*) filter (where {{ is_finite('numeric_value') }}) as value_count,
        any_value(centre) as centre,
        sum(case when {{ is_finite('numeric_value') }} then centred_value end) as value_sum,
        sum(
            case when {{ is_finite('numeric_value') }} then centred_value * centred_value end
        ) as square_sum,
        min(case when {{ is_finite('numeric_value') }} then numeric_value end) as min_value,
        max(case when {{ is_finite('numeric_value') }} then numeric_value end) as max_value
    from centred
    where origin = 'log' and feature_kind = 'numeric'
    group by monitor, metric_date, segment_values, feature_name
    union all
    select
        monitor,
        metric_date,
        segment_values,
        feature_name,
        count(*),
        count(*) filter (where category is null),
        0,
        0,
        null,
        null,
        null,
        null
    from {{ ref('int_feature_values') }}
    where origin = 'log' and feature_kind = 'categorical'
    group by monitor, metric_date, segment_values, feature_name
),

exploded as (
    select
        monitor, metric_date, feature_name, row_count, null_count, value_count, centre, value_sum,
        square_sum, min_value, max_value,
        {{ explode('segment_values', 'segment_value', 'position') }}
    from finest
),

segmented as (
    select
        monitor, metric_date, 'overall' as segment_name, 'all' as segment_value, feature_name,
        row_count, null_count, value_count, centre, value_sum, square_sum, min_value, max_value
    from finest
    union all
    select
        exploded.monitor, exploded.metric_date, segments.segment_name,
        coalesce(exploded.segment_value, 'unknown'), exploded.feature_name,
        exploded.row_count, exploded.null_count, exploded.value_count, exploded.centre,
        exploded.value_sum,
        exploded.square_sum, exploded.min_value, exploded.max_value
    from exploded
    inner join {{ ref('stg_segments') }} as segments
        on exploded.monitor = segments.monitor and exploded.position = segments.position
)

select
    monitor,
    metric_date,
    segment_name,
    segment_value,
    feature_name,
    cast(sum(row_count) as bigint) as row_count,
    cast(sum(null_count) as bigint) as null_count,
    cast(sum(value_count) as bigint) as value_count,
    any_value(centre) as centre,
    sum(value_sum) as value_sum,
    sum(square_sum) as square_sum,
    min(min_value) as min_value,
    max(max_value) as max_value
from segmented
group by monitor, metric_date, segment_name, segment_value, feature_name
