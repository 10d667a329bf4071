-- How many alerts were opened and resolved in each week, and how many were open at its end?
with

weeks as (
    select distinct
        monitor,
        cast(date_trunc('week', metric_date) as date) as week_starts_on
    from driftline.model_health
)

select
    weeks.monitor,
    weeks.week_starts_on,
    count(alerts.alert_id) filter (
        where alerts.opened_on between weeks.week_starts_on and weeks.week_starts_on + 6
    ) as opened,
    count(alerts.alert_id) filter (
        where alerts.resolved_on between weeks.week_starts_on and weeks.week_starts_on + 6
    ) as resolved,
    count(alerts.alert_id) filter (
        where
            alerts.opened_on <= weeks.week_starts_on + 6
            and (alerts.resolved_on is null or alerts.resolved_on > weeks.week_starts_on + 6)
    ) as open_at_end,
    count(alerts.alert_id) filter (
        where
            alerts.segment_name = 'overall'
            and alerts.opened_on <= weeks.week_starts_on + 6
            and (alerts.resolved_on is null or alerts.resolved_on > weeks.week_starts_on + 6)
    ) as open_at_end_for_all_rows
from weeks
left join driftline.alerts as alerts
    on weeks.monitor = alerts.monitor
group by weeks.monitor, weeks.week_starts_on
order by weeks.monitor, weeks.week_starts_on
