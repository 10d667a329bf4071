{#- Every bin of every day, empty ones too; the history is there for then-and-now pictures. -#}
with

windowed as (
    select
        monitor, metric_date, segment_name, segment_value, bins_version, feature_name, bin_id,
        'log' as origin,
        sum(rows_1) as row_count
    from {{ ref('int_feature_window') }}
    group by
        monitor, metric_date, segment_name, segment_value, bins_version, feature_name, bin_id
),

history as (
    select
        monitor, metric_date, segment_name, segment_value, bins_version, feature_name, bin_id,
        'history' as origin,
        sum(row_count) as row_count
    from {{ ref('int_feature_histogram_daily') }}
    where origin = 'history'
    group by
        monitor, metric_date, segment_name, segment_value, bins_version, feature_name, bin_id
)

select
    monitor, metric_date, segment_name, segment_value, bins_version, feature_name, bin_id,
    origin, cast(row_count as bigint) as row_count
from windowed
union all
select
    monitor, metric_date, segment_name, segment_value, bins_version, feature_name, bin_id,
    origin, cast(row_count as bigint)
from history
