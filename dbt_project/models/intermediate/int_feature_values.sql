{{ config(materialized='view') }}
{#- One row per prediction as served (or per history row) and feature. -#}
with

served as (
    select
        monitor, origin, inference_id, metric_date, segment_values, numeric_values,
        categorical_values
    from {{ ref('int_inferences') }}
    where not is_shadow
),

numeric_long as (
    select
        monitor,
        origin,
        metric_date,
        segment_values,
        {{ explode('numeric_values', 'numeric_value', 'position') }}
    from served
),

categorical_long as (
    select
        monitor,
        origin,
        metric_date,
        segment_values,
        {{ explode('categorical_values', 'category', 'position') }}
    from served
),

final as (
    select
        long.monitor,
        long.origin,
        long.metric_date,
        long.segment_values,
        features.feature_name,
        features.feature_kind,
        long.numeric_value,
        cast(null as varchar) as category
    from numeric_long as long
    inner join {{ ref('stg_features') }} as features
        on
            long.monitor = features.monitor
            and long.position = features.position
            and features.feature_kind = 'numeric'
    union all
    select
        long.monitor,
        long.origin,
        long.metric_date,
        long.segment_values,
        features.feature_name,
        features.feature_kind,
        cast(null as {{ type_double() }}),
        long.category
    from categorical_long as long
    inner join {{ ref('stg_features') }} as features
        on
            long.monitor = features.monitor
            and long.position = features.position
            and features.feature_kind = 'categorical'
)

select * from final
