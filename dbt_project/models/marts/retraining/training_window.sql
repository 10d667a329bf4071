{#- What a retrain on the as-of day would train on and be judged on, each row with its weight or the
    reason why it is left out. Time goes: train, gap of the label horizon, validation, gap, holdout;
    it ends with the last whole day, as of which labels are due. -#}
-- The job takes the features from there, depends_on: {{ ref('int_inferences') }}
with

settings as (
    select
        monitors.monitor,
        monitors.label_horizon_days,
        as_of.last_whole_day,
        policies.training_window_days,
        policies.weighting,
        policies.recent_days,
        policies.recent_factor,
        policies.half_life_days,
        {{ add_days('as_of.last_whole_day', '-monitors.label_horizon_days') }} as holdout_to,
        {{ add_days(
            'as_of.last_whole_day', '1 - monitors.label_horizon_days - policies.holdout_days'
        ) }} as holdout_from,
        {{ add_days(
            'as_of.last_whole_day', '-2 * monitors.label_horizon_days - policies.holdout_days'
        ) }} as validation_to,
        {{ add_days(
            'as_of.last_whole_day',
            '1 - 2 * monitors.label_horizon_days - policies.holdout_days'
            ~ ' - policies.validation_days'
        ) }} as validation_from,
        {{ add_days(
            'as_of.last_whole_day',
            '-3 * monitors.label_horizon_days - policies.holdout_days - policies.validation_days'
        ) }} as train_to
    from {{ ref('stg_monitors') }} as monitors
    inner join {{ ref('int_as_of') }} as as_of
        on monitors.monitor = as_of.monitor
    inner join {{ ref('int_retraining_policies') }} as policies
        on as_of.monitor = policies.monitor and as_of.as_of = policies.metric_date
    where monitors.can_retrain
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
        {{ days_between('settings.train_to', 'single_rows.metric_date') }} as age_days,
        case
            when single_rows.metric_date > settings.holdout_to then 'not_matured'
            when single_rows.label is null then 'no_label'
            when
                single_rows.metric_date
                < {{ add_days('settings.last_whole_day', '1 - settings.training_window_days') }}
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
    from {{ ref('int_training_rows') }} as single_rows
    inner join settings
        on single_rows.monitor = settings.monitor
),

weighted as (
    select
        *,
        case
            when weighting = 'exponential'
                -- Beyond a thousand half-lives PostgreSQL stops at a number too small for it.
                then power(0.5, least(
                    {{ ratio('greatest(age_days, 0)', 'half_life_days') }}, 1000
                ))
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
