{{ config(materialized='view') }}
{#- The days whose rows are read to cut bins: none once all are frozen. -#}
select distinct
    days.monitor,
    days.metric_date
from {{ ref('int_day_logs') }} as days
inner join {{ ref('int_features_without_bins') }} as pending
    on
        days.monitor = pending.monitor
        and days.metric_date between pending.reference_from and pending.reference_to
