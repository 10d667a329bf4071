{{ config(materialized='view') }}
{#- Rows in canonical columns for what needs them one by one: training, and a person who looks. -#}
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

ranked as (
    select
        *,
        row_number() over (
            partition by monitor, metric_date, inference_id, model_version
            order by {{ last_loaded_first(array_contents()) | indent(16) }}
        ) as recency
    from visible
),

single as (
    select *
    from ranked
    where recency = 1
),

labeled as (
    select
        single.*,
        as_of.last_whole_day,
        monitors.unlabeled_means,
        {{ add_days('single.metric_date', 'monitors.label_horizon_days') }} as matures_on,
        case
            when labels.inference_id is not null then labels.label
            when single.logged_labeled_at < {{ day_start(add_days('as_of.as_of', 1)) }}
                then single.logged_label
        end as known_label,
        case
            when labels.inference_id is not null then labels.labeled_at
            when single.logged_labeled_at < {{ day_start(add_days('as_of.as_of', 1)) }}
                then single.logged_labeled_at
        end as known_at
    from single
    inner join {{ ref('int_as_of') }} as as_of
        on single.monitor = as_of.monitor
    inner join {{ ref('stg_monitors') }} as monitors
        on single.monitor = monitors.monitor
    left join {{ ref('int_labels') }} as labels
        on single.monitor = labels.monitor and single.inference_id = labels.inference_id
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
        case when {{ is_finite('score') }} then score end as score,
        case
            when known_label in (0, 1) then known_label
            when known_label is null and unlabeled_means = 'negative' and matures_on <= last_whole_day then 0
        end as label,
        coalesce(
            known_at,
            case when unlabeled_means = 'negative' and matures_on <= last_whole_day then matures_on end
        ) as labeled_at,
        numeric_values,
        categorical_values,
        segment_values
    from labeled
)

select * from final
