{#- What a retrain on the as-of day would train on and be judged on, each row with its weight or the
    reason why it is left out. Time goes: train, gap of the label horizon, validation, gap, holdout.
    -#}
with

settings as (
    select
        monitors.monitor,
        monitors.label_horizon_days,
        as_of.as_of,
        policies.training_window_days,
        policies.weighting,
        policies.recent_days,
        policies.recent_factor,
        policies.half_life_days,
        cast(as_of.as_of - monitors.label_horizon_days as date) as holdout_to,
        cast(as_of.as_of - monitors.label_horizon_days
            - cast(policies.holdout_days as integer) + 1 as date) as holdout_from,
        cast(as_of.as_of - 2 * monitors.label_horizon_days
            - cast(policies.holdout_days as integer) as date) as validation_to,
        cast(as_of.as_of - 2 * monitors.label_horizon_days
            - cast(policies.holdout_days as integer)
            - cast(policies.validation_days as integer) + 1 as date) as validation_from,
        cast(as_of.as_of - 3 * monitors.label_horizon_days
            - cast(policies.holdout_days as integer)
            - cast(policies.validation_days as integer) as date) as train_to
    from {{ ref('stg_monitors') }} as monitors
    inner join {{ ref('int_as_of') }} as as_of
        on monitors.monitor = as_of.monitor
    inner join {{ ref('int_retraining_policies') }} as policies
        on as_of.monitor = policies.monitor and as_of.as_of = policies.metric_date
    where monitors.can_retrain
),

single_rows as (
    select
        *,
        row_number() over (
            partition by monitor, inference_id order by is_shadow, origin desc, model_version
        ) as copy
    from {{ ref('int_inferences') }}
),

placed as (
    select
        single_rows.monitor,
        single_rows.inference_id,
        single_rows.origin,
        single_rows.model_version,
        single_rows.predicted_at,
        single_rows.metric_date,
        single_rows.label,
        settings.weighting,
        settings.recent_days,
        settings.recent_factor,
        settings.half_life_days,
        settings.train_to - single_rows.metric_date as age_days,
        case
            when single_rows.metric_date > settings.holdout_to then 'not_matured'
            when single_rows.label is null then 'no_label'
            when
                single_rows.metric_date
                < settings.as_of - cast(settings.training_window_days as integer) + 1
                then 'before_window'
            when single_rows.metric_date >= settings.holdout_from then null
            when single_rows.metric_date > settings.validation_to then 'label_gap'
            when single_rows.metric_date >= settings.validation_from then null
            when single_rows.metric_date > settings.train_to then 'label_gap'
        end as exclusion_reason,
        case
            when single_rows.metric_date >= settings.holdout_from then 'holdout'
            when single_rows.metric_date >= settings.validation_from then 'validation'
            else 'train'
        end as intended_split
    from single_rows
    inner join settings
        on single_rows.monitor = settings.monitor
    where single_rows.copy = 1
),

weighted as (
    select
        *,
        case
            when weighting = 'exponential'
                then power(0.5, greatest(age_days, 0) * 1.0 / half_life_days)
            when weighting = 'step' and age_days < recent_days then recent_factor
            else 1.0
        end as raw_weight
    from placed
)

select
    monitor,
    inference_id,
    origin,
    model_version,
    predicted_at,
    metric_date,
    label,
    case
        when exclusion_reason is null
            then raw_weight / avg(raw_weight) over (
                partition by monitor, intended_split, exclusion_reason
            )
    end as sample_weight,
    case when exclusion_reason is null then intended_split else 'excluded' end as split,
    exclusion_reason
from weighted
