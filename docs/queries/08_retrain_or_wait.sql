-- Why was, or was not, a retrain decided? One row per run of days with the same answer.
with

numbered as (
    select
        *,
        decision_date - cast(row_number() over (
            partition by monitor, decision, reason order by decision_date
        ) as integer) as streak
    from driftline.retraining_decisions
)

select
    monitor,
    min(decision_date) as from_day,
    max(decision_date) as to_day,
    count(*) as days,
    decision,
    triggers,
    reason,
    round(max(drifted_importance), 3) as drifted_importance,
    max(red_segments) as red_segments
from numbered
group by monitor, decision, triggers, reason, streak
order by monitor, from_day
