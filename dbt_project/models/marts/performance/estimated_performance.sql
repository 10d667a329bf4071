{{ config(materialized='view') }}
{#- What metrics are expected to be before labels come, beside what labels then showed: of binary
    monitors from scores, of regressions what the estimation job said last of each window. -#}
{%- set keys = ['monitor', 'model_version', 'metric_date', 'window_days', 'segment_name',
    'segment_value', 'metric_name'] -%}
with

-- Serving has rows up to the as-of day, which this view may not ask for: builds replace the table
-- of it.
seen as (
    select monitor, max(metric_date) as as_of
    from {{ ref('performance') }}
    where model_version = 'serving' and segment_name = 'overall'
    group by monitor
),

{{ newest_said('performance_estimates', keys, 'seen') }},

-- One reference of the four: the value does not depend on it.
realised as (
    select *
    from {{ ref('performance') }}
    where reference = 'previous'
)

select
    {{ keys | join(', ') }},
    estimated_value, lower_bound, upper_bound, error_bound,
    realised_value, realised_lower_bound, realised_upper_bound,
    row_count, labeled_rows, is_mature, status,
    'scores' as estimated_from
from {{ ref('int_estimates_from_scores') }}
union all
select
    {{ select_columns('said', keys) }},
    said.estimated_value,
    said.lower_bound,
    said.upper_bound,
    cast(0 as {{ type_double() }}),
    case when realised.is_mature then realised.metric_value end,
    case when realised.is_mature then realised.lower_bound end,
    case when realised.is_mature then realised.upper_bound end,
    realised.row_count,
    realised.labeled_rows,
    realised.is_mature,
    case
        when said.status = 'no_reference' then 'no_calibration'
        when said.status <> 'estimated' then 'insufficient_data'
        when said.window_rows <> realised.row_count then 'stale'
        else 'ok'
    end,
    'features'
from said
inner join realised
    on {{ same_columns('said', 'realised', keys) }}
