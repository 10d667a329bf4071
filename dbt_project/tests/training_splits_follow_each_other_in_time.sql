{#- Fails for each monitor whose splits overlap in time, have no gap of the label horizon between
    them, or whose weights do not have mean 1 within a split. -#}
with

splits as (
    select
        monitor, split,
        min(metric_date) as first_day,
        max(metric_date) as last_day,
        avg(sample_weight) as mean_weight
    from {{ ref('training_window') }}
    where split <> 'excluded'
    group by monitor, split
)

select earlier.monitor, earlier.split, later.split as later_split
from splits as earlier
inner join splits as later
    on
        earlier.monitor = later.monitor
        and (earlier.split = 'train' or (earlier.split = 'validation' and later.split = 'holdout'))
        and earlier.split <> later.split
inner join {{ ref('monitors') }} as monitors
    on earlier.monitor = monitors.monitor
where later.first_day <= earlier.last_day + monitors.label_horizon_days
union all
select splits.monitor, splits.split, 'weights'
from splits
where not abs(splits.mean_weight - 1) < 1e-9
