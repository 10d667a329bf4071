{{ config(materialized='view') }}
{#- Rows in canonical columns as they were seen on the as-of day, each as often as it was loaded,
    with the label that was known then. -#}
with

visible as (
    select
        inferences.*,
        cast(inferences.predicted_at as date) as metric_date
    from {{ ref('stg_inferences') }} as inferences
    inner join {{ ref('int_as_of') }} as as_of
        on inferences.monitor = as_of.monitor
    where
        inferences.inference_id is not null
        and inferences.predicted_at < {{ day_start(add_days('as_of.as_of', 1)) }}
        and inferences.loaded_at < {{ day_start(add_days('as_of.as_of', 1)) }}
),

labeled as (
    select
        visible.*,
        as_of.last_whole_day,
        monitors.unlabeled_means,
        monitors.task,
        {{ add_days('visible.metric_date', 'monitors.label_horizon_days') }} as matures_on,
        case
            when labels.inference_id is not null then labels.label
            when visible.logged_labeled_at < {{ day_start(add_days('as_of.as_of', 1)) }}
                then visible.logged_label
        end as known_label,
        case
            when labels.inference_id is not null then labels.labeled_at
            when visible.logged_labeled_at < {{ day_start(add_days('as_of.as_of', 1)) }}
                then visible.logged_labeled_at
        end as known_at
    from visible
    inner join {{ ref('int_as_of') }} as as_of
        on visible.monitor = as_of.monitor
    inner join {{ ref('stg_monitors') }} as monitors
        on visible.monitor = monitors.monitor
    left join {{ ref('int_labels') }} as labels
        on visible.monitor = labels.monitor and visible.inference_id = labels.inference_id
),

final as (
    select
        monitor,
        origin,
        inference_id,
        entity_id,
        predicted_at,
        metric_date,
        matures_on,
        loaded_at,
        model_version,
        is_shadow,
        score,
        case
            when task <> 'binary'
                then
                    case
                        when {{ is_finite('known_label') }}
                            and (task <> 'ranking' or known_label >= 0)
                            then known_label
                    end
            when known_label in (0, 1) then known_label
            when
                known_label is null and unlabeled_means = 'negative'
                and matures_on <= last_whole_day
                then 0
        end as label,
        coalesce(
            known_at,
            case
                when unlabeled_means = 'negative' and matures_on <= last_whole_day then matures_on
            end
        ) as labeled_at,
        logged_label,
        logged_labeled_at,
        numeric_values,
        categorical_values,
        segment_values,
        class_values,
        query_id,
        business_numerators,
        business_denominators
    from labeled
)

select * from final
