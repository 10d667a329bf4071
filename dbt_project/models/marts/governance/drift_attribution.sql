{#- What the attribution job said last of each window, and on which days it said nothing. What it
    said is stale when labels or rows have changed since. Beside it the split by single features,
    which is evidence and no verdict. -#}
with

{{ newest_said('drift_attributions', [
    'monitor', 'metric_date', 'window_days', 'reference', 'metric_name', 'feature_name',
], ref('int_as_of')) }},

judgements as (
    select
        said.*,
        row_number() over (
            order by
                said.monitor, said.metric_date, said.window_days, said.reference,
                said.metric_name, said.feature_name
        ) as judgement_id
    from said
),

-- What both sides of each judgement hold by now. The reference ends before the window begins.
present_rows as (
    select
        judgements.judgement_id,
        facts.labeled_rows,
        case judgements.metric_name
            when 'squared_error' then facts.error_square_sum
            else facts.log_loss_sum
        end as loss_sum,
        facts.traffic = 'live'
        and facts.metric_date
        >= {{ add_days('judgements.metric_date', '1 - judgements.window_days') }} as is_current
    from judgements
    inner join {{ ref('int_performance_daily') }} as facts
        on
            judgements.monitor = facts.monitor
            and judgements.model_version = facts.model_version
            and facts.segment_name = 'overall'
            and (
                (
                    facts.traffic = 'live'
                    and facts.metric_date <= judgements.metric_date
                    and facts.metric_date
                    >= {{ add_days('judgements.metric_date', '1 - judgements.window_days') }}
                )
                or (
                    facts.traffic = judgements.reference_traffic
                    and facts.metric_date >= judgements.reference_from
                    and facts.metric_date <= judgements.reference_to
                )
            )
),

present_sums as (
    select
        judgement_id,
        sum(case when is_current then labeled_rows end) as current_rows,
        sum(case when not is_current then labeled_rows end) as reference_rows,
        sum(case when is_current then loss_sum end) as current_sum,
        sum(case when not is_current then loss_sum end) as reference_sum
    from present_rows
    group by judgement_id
),

checked as (
    select
        judgements.*,
        case
            when judgements.status <> 'judged' then judgements.status
            when
                sums.current_rows = judgements.current_rows
                and sums.reference_rows = judgements.reference_rows
                and abs(sums.current_sum / sums.current_rows - judgements.current_loss)
                <= 1e-9 * judgements.current_loss
                and abs(sums.reference_sum / sums.reference_rows - judgements.reference_loss)
                <= 1e-9 * judgements.reference_loss
                then 'judged'
            else 'stale'
        end as present_status,
        abs(judgements.mix_effect) + abs(judgements.concept_effect)
        + abs(judgements.out_of_support_effect) as moved
    from judgements
    left join present_sums as sums
        on judgements.judgement_id = sums.judgement_id
),

asked as (
    select distinct monitor, window_days, reference, metric_name, feature_name
    from judgements
),

-- And the other days with mature labels, on which the job could have judged the same.
windows as (
    select
        monitor, model_version, metric_date, window_days, reference, metric_name, feature_name,
        judgement_id
    from judgements
    union all
    select
        live.monitor, live.live_version, live.metric_date, asked.window_days, asked.reference,
        asked.metric_name, asked.feature_name, cast(null as bigint)
    from {{ ref('int_live_version_daily') }} as live
    inner join {{ ref('stg_monitors') }} as monitors
        on live.monitor = monitors.monitor
    inner join {{ ref('int_as_of') }} as as_of
        on
            live.monitor = as_of.monitor
            and {{ add_days('live.metric_date', 'monitors.label_horizon_days') }}
            <= as_of.last_whole_day
    inner join asked
        on live.monitor = asked.monitor
    left join judgements
        on
            live.monitor = judgements.monitor
            and live.metric_date = judgements.metric_date
            and asked.window_days = judgements.window_days
            and asked.reference = judgements.reference
            and asked.metric_name = judgements.metric_name
            and asked.feature_name = judgements.feature_name
    where live.live_version is not null and judgements.monitor is null
)

select
    windows.monitor,
    windows.model_version,
    windows.metric_date,
    windows.window_days,
    windows.reference,
    windows.metric_name,
    windows.feature_name,
    checked.current_loss,
    checked.reference_loss,
    checked.total_change,
    checked.mix_effect,
    checked.concept_effect,
    checked.out_of_support_effect,
    case
        when checked.total_change is null or checked.change_null_bound is null then 'unknown'
        when abs(checked.total_change) <= checked.change_null_bound then 'no_change'
        when abs(checked.mix_effect) * 3 >= checked.moved * 2 then 'mix'
        when abs(checked.concept_effect) * 3 >= checked.moved * 2 then 'concept'
        when abs(checked.out_of_support_effect) * 3 >= checked.moved * 2 then 'out_of_support'
        else 'mixed'
    end as verdict,
    coalesce(checked.present_status, 'not_judged') as status,
    checked.change_null_bound,
    checked.mix_null_bound,
    checked.mix_standard_error,
    checked.out_of_support_share,
    checked.effective_rows,
    checked.domain_auc,
    checked.domain_auc_null_lower,
    checked.domain_auc_null_upper,
    checked.null_blocks,
    checked.current_rows,
    checked.reference_rows,
    checked.sampled_current_rows,
    checked.sampled_reference_rows,
    checked.reference_from,
    checked.reference_to,
    checked.seed,
    checked.data_hash,
    checked.note,
    checked.as_of,
    cast(null as {{ type_double() }}) as concept_standard_error,
    cast(null as {{ type_double() }}) as mix_lower_bound,
    cast(null as {{ type_double() }}) as mix_upper_bound,
    cast(null as {{ type_double() }}) as concept_lower_bound,
    cast(null as {{ type_double() }}) as concept_upper_bound
from windows
left join checked
    on windows.judgement_id = checked.judgement_id
union all
select
    parts.monitor,
    'serving',
    parts.metric_date,
    parts.window_days,
    parts.reference,
    case when monitors.task = 'regression' then 'squared_error' else 'log_loss' end,
    parts.feature_name,
    parts.current_loss,
    parts.reference_loss,
    parts.current_loss - parts.reference_loss,
    parts.mix_effect,
    parts.concept_effect,
    parts.out_of_support_effect,
    null,
    parts.status,
    null,
    null,
    parts.mix_standard_error,
    parts.out_of_support_share,
    parts.effective_rows,
    null,
    null,
    null,
    null,
    parts.current_rows,
    parts.reference_rows,
    parts.sampled_current_rows,
    parts.sampled_reference_rows,
    parts.reference_from,
    parts.reference_to,
    null,
    null,
    null,
    null,
    parts.concept_standard_error,
    parts.mix_effect - parts.error_quantile * parts.mix_standard_error,
    parts.mix_effect + parts.error_quantile * parts.mix_standard_error,
    parts.concept_effect - parts.error_quantile * parts.concept_standard_error,
    parts.concept_effect + parts.error_quantile * parts.concept_standard_error
from {{ ref('int_feature_split') }} as parts
inner join {{ ref('stg_monitors') }} as monitors
    on parts.monitor = monitors.monitor
