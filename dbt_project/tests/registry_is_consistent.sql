{#- Fails for each thing that the jobs recorded and that cannot be: two live versions of a monitor,
    a live version that is not registered, gain shares that do not sum to 1, a run with gates and no
    verdict. -#}
select monitor, 'two live versions' as fault
from {{ ref('routing') }}
where role = 'live'
group by monitor
having count(*) > 1
union all
select monitor, 'gain shares of ' || model_version || ' do not sum to 1'
from {{ ref('feature_importance') }}
group by monitor, model_version
having not abs(sum(gain_share) - 1) < 1e-6
union all
select monitor, 'gates of run ' || run_id || ' without a verdict'
from {{ ref('promotion_decisions') }}
group by monitor, run_id
having count(*) filter (where gate_name = 'verdict') <> 1
