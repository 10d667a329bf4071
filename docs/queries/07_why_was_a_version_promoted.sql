-- Why does the live version serve: which gates did it pass, with what number against what limit?
-- For another version, replace the join with routing by a condition on model_version.
select
    decisions.monitor,
    decisions.model_version,
    decisions.champion_version as judged_against,
    decisions.decided_on,
    decisions.gate_name,
    decisions.status,
    round(decisions.observed, 5) as observed,
    round(decisions.required, 5) as required,
    decisions.reason
from driftline.promotion_decisions as decisions
inner join driftline.routing as routing
    on
        decisions.monitor = routing.monitor
        and decisions.model_version = routing.model_version
        and routing.role = 'live'
order by
    decisions.monitor,
    case decisions.gate_name when 'verdict' then 1 else 0 end,
    decisions.gate_name
