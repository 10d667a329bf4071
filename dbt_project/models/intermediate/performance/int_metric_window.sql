{{ config(materialized='incremental', incremental_strategy='changed_days',
    meta={'days': 'int_affected_days'}) }}
{#- Metrics with 95 % bounds that allow for variation between days. -#}
{%- set keys = [
    'monitor', 'model_version', 'traffic', 'segment_name', 'segment_value', 'metric_name',
    'metric_date',
] -%}
with

affected as (
    select
        estimates.*,
        case estimates.scale
            when 'loss' then estimates.metric_value
            when 'unexplained' then 1 - estimates.metric_value
        end as loss,
        effects.effective_days,
        effects.pull_ratio,
        -- Under seven days there is nothing to learn variation between days from.
        case
            when effects.day_count >= 7 and estimates.labeled_rows > 0
                then 1 + effects.excess * estimates.labeled_square_sum / estimates.labeled_rows
            else 1.0
        end as design_effect
    from {{ ref('int_metric_estimates') }} as estimates
    inner join {{ ref('int_affected_days') }} as days
        on estimates.monitor = days.monitor and estimates.metric_date = days.metric_date
    left join {{ ref('int_day_effects') }} as effects
        on {{ same_columns('estimates', 'effects', keys) }}
    where estimates.scale <> 'none'
),

-- A window that the rare great losses missed has a small loss and, of its own rows, a small error:
-- the 30 days up to it say more, their variance taken as in proportion to the loss. At most twice
-- as much: one absurd row must not blind a month.
beside_their_month as (
    select
        *,
        sqrt(loss / nullif(labeled_rows, 0)) * max(
            case
                when window_days = 30 then standard_error * sqrt(labeled_rows / nullif(loss, 0))
            end
        ) over (partition by {{ keys | join(', ') }}) as month_error
    from affected
),

-- The part of the days is known from few of them: the quantile is Student's, with the degrees of
-- freedom of Satterthwaite (1946).
widened as (
    select
        *,
        case
            when standard_error < month_error then least(month_error, 2 * standard_error)
            else standard_error
        end as row_error,
        case
            when pull_ratio < 1
                then least(pull_ratio * power({{ t_over_z('1 / effective_days') }}, 2), 1)
            else design_effect * power({{ t_over_z(
                "coalesce(power(1 - 1 / design_effect, 2) / effective_days, 0)"
            ) }}, 2)
        end as widening
    from beside_their_month
),

bounded as (
    select
        *,
        {% set trials = 'nullif(trials / widening, 0)' %}
        {% for name, sign in [('lower_bound', -1), ('upper_bound', 1)] %}
        case scale
            when 'share' then {{ wilson_bound('metric_value', trials, sign) }}
            when 'dice' then {{ dice_bound('metric_value', trials, sign) }}
            when 'logit'
                then {{ logit_bound('(metric_value - excess)', 'wide_error', sign) }}
            when 'gini'
                then 2 * {{ logit_bound('((metric_value + 1) / 2)', '(wide_error / 2)', sign) }} - 1
            when 'amount' then metric_value + {{ sign }} * 1.959963984540054 * wide_error
            when 'zero' then {{ [sign, 0] | max }} * 1.959963984540054 * wide_error
            when 'unexplained'
                then 1 - {{ log_bound('(1 - metric_value)', 'wide_error', -sign) }}
            else {{ log_bound('metric_value', 'wide_error', sign) }}
        end as {{ name }},
        {% endfor %}
        rarer_rows >= 30 as has_both_classes
    from (select *, row_error * sqrt(widening) as wide_error from widened) as erred
)

select
    monitor,
    model_version,
    traffic,
    segment_name,
    segment_value,
    metric_date,
    window_days,
    metric_name,
    metric_value,
    -- What is taken off the value for its excess must not move the bound past it.
    lower_bound,
    case when upper_bound < metric_value then metric_value else upper_bound end as upper_bound,
    wide_error as standard_error,
    design_effect,
    error_bound,
    row_count,
    known_labels,
    labeled_rows,
    has_both_classes,
    is_whole_window,
    has_rows
from bounded
