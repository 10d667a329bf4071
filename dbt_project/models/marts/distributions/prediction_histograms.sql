select
    monitor,
    model_version,
    metric_date,
    segment_name,
    segment_value,
    bins_version,
    bin_id,
    cast(sum(rows_1) as bigint) as row_count
from {{ ref('int_prediction_window') }}
group by
    monitor, model_version, metric_date, segment_name, segment_value, bins_version, bin_id
