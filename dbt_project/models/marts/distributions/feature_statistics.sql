with

keys as (
    select monitor, segment_name, segment_value, feature_name, min(centre) as centre
    from {{ ref('int_feature_moments_daily') }}
    group by monitor, segment_name, segment_value, feature_name
),

daily as (
    select
        keys.*,
        days.metric_date,
        coalesce(moments.row_count, 0) as row_count,
        coalesce(moments.null_count, 0) as null_count,
        coalesce(moments.value_count, 0) as value_count,
        moments.value_sum,
        moments.square_sum,
        moments.min_value,
        moments.max_value
    from keys
    inner join {{ ref('int_log_days') }} as days
        on keys.monitor = days.monitor
    left join {{ ref('int_feature_moments_daily') }} as moments
        on
            keys.monitor = moments.monitor
            and days.metric_date = moments.metric_date
            and keys.segment_name = moments.segment_name
            and keys.segment_value = moments.segment_value
            and keys.feature_name = moments.feature_name
),

windowed as (
    {% for window_days in [1, 7, 30] %}
    select
        monitor,
        metric_date,
        {{ window_days }} as window_days,
        segment_name,
        segment_value,
        feature_name,
        centre,
        sum(row_count) over trailing_{{ window_days }} as row_count,
        sum(null_count) over trailing_{{ window_days }} as null_count,
        sum(value_count) over trailing_{{ window_days }} as value_count,
        sum(value_sum) over trailing_{{ window_days }} as value_sum,
        sum(square_sum) over trailing_{{ window_days }} as square_sum,
        min(min_value) over trailing_{{ window_days }} as min_value,
        max(max_value) over trailing_{{ window_days }} as max_value
    from daily
    window
        trailing_{{ window_days }} as (
            partition by monitor, segment_name, segment_value, feature_name
            order by metric_date
            rows between {{ window_days - 1 }} preceding and current row
        )
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    windowed.monitor,
    windowed.metric_date,
    windowed.window_days,
    windowed.segment_name,
    windowed.segment_value,
    windowed.feature_name,
    cast(windowed.row_count as bigint) as row_count,
    cast(windowed.null_count as bigint) as null_count,
    cast(windowed.value_count as bigint) as value_count,
    windowed.centre + windowed.value_sum / nullif(windowed.value_count, 0) as mean,
    sqrt(greatest(
        windowed.square_sum - power(windowed.value_sum, 2) / nullif(windowed.value_count, 0), 0
    ) / nullif(greatest(windowed.value_count - 1, 0), 0)) as stddev,
    windowed.min_value,
    quartiles.p25,
    quartiles.median,
    quartiles.p75,
    windowed.max_value
from windowed
left join {{ ref('int_feature_quartiles') }} as quartiles
    on
        windowed.monitor = quartiles.monitor
        and windowed.metric_date = quartiles.metric_date
        and windowed.window_days = quartiles.window_days
        and windowed.segment_name = quartiles.segment_name
        and windowed.segment_value = quartiles.segment_value
        and windowed.feature_name = quartiles.feature_name
