{{ config(materialized='incremental', incremental_strategy='changed_days',
    meta={'days': 'int_affected_days'}) }}
with

keys as (
    select
        segment_values.monitor,
        segment_values.segment_name,
        segment_values.segment_value,
        segment_values.first_day,
        features.feature_name,
        coalesce(centres.centre, 0) as centre
    from {{ ref('int_segment_values') }} as segment_values
    inner join {{ ref('stg_features') }} as features
        on segment_values.monitor = features.monitor
    left join (
        select monitor, feature_name, max(centre) as centre
        from {{ ref('int_feature_moments_daily') }}
        group by monitor, feature_name
    ) as centres
        on
            features.monitor = centres.monitor
            and features.feature_name = centres.feature_name
),

spine as (
    select distinct
        keys.monitor, keys.segment_name, keys.segment_value, keys.feature_name, keys.centre,
        windows.metric_date, windows.window_days
    from keys
    inner join {{ ref('int_window_days') }} as windows
        on
            keys.monitor = windows.monitor
            and windows.metric_date >= keys.first_day
            and windows.window_days <> 28
            and windows.member_date = windows.metric_date
),

-- Sums are kept about a centre: those about another one are moved first.
windowed as (
    select
        spine.monitor, spine.segment_name, spine.segment_value, spine.feature_name,
        spine.metric_date, spine.window_days,
        min(spine.centre) as centre,
        sum(moments.row_count) as row_count,
        sum(moments.null_count) as null_count,
        sum(moments.value_count) as value_count,
        sum(
            moments.value_sum + (moments.centre - spine.centre) * moments.value_count
        ) as value_sum,
        sum(
            moments.square_sum
            + 2 * (moments.centre - spine.centre) * moments.value_sum
            + (moments.centre - spine.centre) * (moments.centre - spine.centre)
            * moments.value_count
        ) as square_sum,
        min(moments.min_value) as min_value,
        max(moments.max_value) as max_value
    from spine
    inner join {{ ref('int_window_days') }} as windows
        on
            spine.monitor = windows.monitor
            and spine.metric_date = windows.metric_date
            and spine.window_days = windows.window_days
    left join {{ ref('int_feature_moments_daily') }} as moments
        on
            spine.monitor = moments.monitor
            and moments.origin = 'log'
            and windows.member_date = moments.metric_date
            and spine.segment_name = moments.segment_name
            and spine.segment_value = moments.segment_value
            and spine.feature_name = moments.feature_name
    group by
        spine.monitor, spine.segment_name, spine.segment_value, spine.feature_name,
        spine.metric_date, spine.window_days
),

-- What the bin reference never held: null where the feature has no such bin.
unknown as (
    select
        series.monitor, series.segment_name, series.segment_value, series.feature_name,
        counts.metric_date, windows.window_days,
        sum(
            case
                when bins.bin_kind = 'unseen'
                    then case windows.window_days
                        when 1 then counts.rows_1 when 7 then counts.rows_7 else counts.rows_30
                    end
            end
        ) as unseen_count,
        sum(
            case
                when bins.bin_kind in ('below', 'above')
                    then case windows.window_days
                        when 1 then counts.rows_1 when 7 then counts.rows_7 else counts.rows_30
                    end
            end
        ) as outside_count
    from {{ ref('int_feature_window') }} as counts
    inner join {{ ref('int_feature_series') }} as series
        on counts.series_id = series.series_id
    inner join {{ ref('int_feature_cells') }} as bins
        on
            series.monitor = bins.monitor
            and series.feature_name = bins.feature_name
            and bins.grain = 'public'
            and counts.bin_id = bins.bin_id
            and bins.bin_kind in ('unseen', 'below', 'above')
    cross join (values (1), (7), (30)) as windows (window_days)
    group by
        series.monitor, series.segment_name, series.segment_value, series.feature_name,
        counts.metric_date, windows.window_days
)

select
    windowed.monitor,
    windowed.metric_date,
    cast(windowed.window_days as integer) as window_days,
    windowed.segment_name,
    windowed.segment_value,
    windowed.feature_name,
    cast(coalesce(windowed.row_count, 0) as bigint) as row_count,
    cast(coalesce(windowed.null_count, 0) as bigint) as null_count,
    cast(coalesce(windowed.value_count, 0) as bigint) as value_count,
    windowed.centre + windowed.value_sum / nullif(windowed.value_count, 0) as mean,
    sqrt(greatest(
        windowed.square_sum
        - windowed.value_sum * windowed.value_sum / nullif(windowed.value_count, 0), 0
    ) / nullif(greatest(windowed.value_count - 1, 0), 0)) as stddev,
    windowed.min_value,
    quartiles.p25,
    quartiles.median,
    quartiles.p75,
    windowed.max_value,
    {{ ratio('windowed.null_count', 'windowed.row_count') }} as null_share,
    {{ ratio('unknown.unseen_count', 'windowed.row_count - windowed.null_count') }}
        as unseen_share,
    {{ ratio('unknown.outside_count', 'windowed.value_count') }} as out_of_range_share
from windowed
left join unknown
    on
        windowed.monitor = unknown.monitor
        and windowed.metric_date = unknown.metric_date
        and windowed.window_days = unknown.window_days
        and windowed.segment_name = unknown.segment_name
        and windowed.segment_value = unknown.segment_value
        and windowed.feature_name = unknown.feature_name
left join {{ ref('int_feature_quartiles') }} as quartiles
    on
        windowed.monitor = quartiles.monitor
        and windowed.metric_date = quartiles.metric_date
        and windowed.window_days = quartiles.window_days
        and windowed.segment_name = quartiles.segment_name
        and windowed.segment_value = quartiles.segment_value
        and windowed.feature_name = quartiles.feature_name
