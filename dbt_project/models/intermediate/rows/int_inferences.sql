{{ config(materialized='view') }}
{#- Rows in canonical columns for what needs them one by one: training, and a person who looks. -#}
with

ranked as (
    select
        *,
        row_number() over (
            partition by monitor, metric_date, inference_id, model_version
            order by {{ last_loaded_first(array_contents()) | indent(16) }}
        ) as recency
    from {{ ref('int_logged_rows') }}
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
        label,
        labeled_at,
        numeric_values,
        categorical_values,
        segment_values,
        class_values,
        query_id,
        business_numerators,
        business_denominators
    from ranked
    where recency = 1
)

select * from final
