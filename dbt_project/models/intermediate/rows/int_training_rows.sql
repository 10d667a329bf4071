{{ config(materialized='view') }}
{#- Of the monitors that may retrain, each id once, as int_inferences has it; of several versions
    the one that answered. The features of a row are read only where it was loaded more than once:
    to rank all rows by them is to read the whole log, wide, for columns that nobody asks for. -#}
{%- set columns = [
    'monitor', 'origin', 'inference_id', 'predicted_at', 'metric_date', 'model_version',
    'is_shadow', 'label',
] -%}
with

-- Also of rows that are not seen on the as-of day: it does no harm to rank too many.
loaded_again as (
    select
        rows_logged.monitor,
        cast(rows_logged.predicted_at as date) as metric_date,
        rows_logged.inference_id,
        rows_logged.model_version
    from {{ ref('stg_inferences') }} as rows_logged
    where {{ may_retrain('rows_logged.monitor') }}
    group by
        rows_logged.monitor, cast(rows_logged.predicted_at as date), rows_logged.inference_id,
        rows_logged.model_version
    having count(*) > 1
),

loaded_once as (
    select {{ select_columns('rows_logged', columns) }}
    from {{ ref('int_logged_rows') }} as rows_logged
    left join loaded_again
        on
            rows_logged.monitor = loaded_again.monitor
            and rows_logged.metric_date = loaded_again.metric_date
            and rows_logged.inference_id = loaded_again.inference_id
            and rows_logged.model_version = loaded_again.model_version
    where {{ may_retrain('rows_logged.monitor') }} and loaded_again.monitor is null
),

ranked as (
    select
        rows_logged.*,
        row_number() over (
            partition by
                rows_logged.monitor, rows_logged.metric_date, rows_logged.inference_id,
                rows_logged.model_version
            order by {{ last_loaded_first(array_contents()) | indent(16) }}
        ) as recency
    from {{ ref('int_logged_rows') }} as rows_logged
    inner join loaded_again
        on
            rows_logged.monitor = loaded_again.monitor
            and rows_logged.metric_date = loaded_again.metric_date
            and rows_logged.inference_id = loaded_again.inference_id
            and rows_logged.model_version = loaded_again.model_version
    where {{ may_retrain('rows_logged.monitor') }}
),

single_rows as (
    select {{ columns | join(', ') }} from loaded_once
    union all
    select {{ columns | join(', ') }} from ranked
    where recency = 1
),

numbered as (
    select
        *,
        row_number() over (
            partition by monitor, inference_id
            order by
                is_shadow, origin desc, {{ byte_order('model_version') }} nulls last,
                metric_date desc
        ) as copy
    from single_rows
)

select {{ columns | join(', ') }}
from numbered
where copy = 1
