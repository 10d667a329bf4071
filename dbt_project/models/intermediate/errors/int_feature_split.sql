{{ config(materialized='incremental', incremental_strategy='changed_days',
    meta={'days': 'int_affected_days'}) }}
{#- The change of the mean loss of what was answered, split over the public bins of one feature at a
    time (Kitagawa 1955): the mix of the bins, the loss in the same bin, and bins that the reference
    hardly has. It is the split of the joint verdict, with bins in the place of its weights. -#}
{%- set references = ['training', 'stable', 'rolling', 'previous'] -%}
{%- set key = ['monitor', 'metric_date', 'window_days', 'feature_name', 'reference'] -%}
{%- set totals = ['counted_rows', 'labeled_rows', 'weight_squares', 'loss_sum',
    'loss_square_sum'] -%}
{%- set of_window = ['is_whole', 'reference_is_whole', 'reference_from', 'reference_to',
    'mean_reference_loss'] -%}
{%- for column in totals -%}
{%- do of_window.extend(['all_' ~ column, 'all_reference_' ~ column]) -%}
{%- endfor %}
with

windowed as (
    select
        patterns.monitor,
        patterns.metric_date,
        patterns.window_days,
        patterns.feature_name,
        patterns.bin_id,
        reference_names.reference,
        patterns.is_whole,
        patterns.labeled_rows,
        patterns.loss_sum,
        patterns.loss_square_sum,
        {% for column in totals %}
        patterns.all_{{ column }},
        case reference_names.reference
            {% for reference in references %}
            when '{{ reference }}' then patterns.all_{{ reference }}_{{ column }}
            {% endfor %}
        end as all_reference_{{ column }},
        {% endfor %}
        {% for column in ['labeled_rows', 'loss_sum', 'loss_square_sum', 'is_whole', 'from',
            'to'] %}
        case reference_names.reference
            {% for reference in references %}
            when '{{ reference }}' then patterns.{{ reference }}_{{ column }}
            {% endfor %}
        end as reference_{{ column }}{{ ',' if not loop.last }}
        {% endfor %}
    from {{ ref('int_pattern_window') }} as patterns
    inner join {{ ref('stg_monitors') }} as monitors
        on patterns.monitor = monitors.monitor
    inner join {{ ref('int_as_of') }} as as_of
        on
            patterns.monitor = as_of.monitor
            and {{ add_days('patterns.metric_date', 'monitors.label_horizon_days') }}
            <= as_of.last_whole_day
    cross join (
        values ('training'), ('stable'), ('rolling'), ('previous')
    ) as reference_names (reference)
    where patterns.pattern_kind = 'feature_bin'
),

-- As in the joint verdict, a reference that is fifty times thinner has no support there.
compared as (
    select
        *,
        {{ ratio('reference_loss_sum', 'reference_labeled_rows') }} as reference_loss,
        {{ ratio('all_reference_loss_sum', 'all_reference_labeled_rows') }} as mean_reference_loss,
        coalesce(
            labeled_rows * all_reference_labeled_rows
            <= 50 * all_labeled_rows * reference_labeled_rows,
            false
        ) as is_common
    from windowed
),

bins as (
    select
        *,
        case when is_common then reference_loss - mean_reference_loss else 0 end as mix_gap,
        case when is_common then labeled_rows / all_labeled_rows else 0 end as common_share,
        case
            when is_common
                then labeled_rows / all_labeled_rows
                    * all_reference_labeled_rows / reference_labeled_rows
            else 0
        end as density,
        case
            when is_common
                then reference_loss_square_sum / reference_labeled_rows - power(reference_loss, 2)
            else 0
        end as reference_variance
    from compared
),

splits as (
    select
        {{ (key + of_window) | join(', ') }},
        sum(labeled_rows * mix_gap) / all_labeled_rows as mix,
        sum(labeled_rows * power(mix_gap, 2)) / all_labeled_rows as mix_square,
        sum(case when is_common then loss_sum - reference_loss * labeled_rows else 0 end)
        / all_labeled_rows as concept,
        sum(case
            when is_common
                then loss_square_sum - 2 * reference_loss * loss_sum
                    + power(reference_loss, 2) * labeled_rows
            else 0
        end) / all_labeled_rows as concept_square,
        sum(case when is_common then 0 else loss_sum - mean_reference_loss * labeled_rows end)
        / all_labeled_rows as outside,
        sum(case when is_common then 0 else labeled_rows end) / all_labeled_rows as outside_share,
        sum(common_share) as common_share,
        sum(common_share * density) as density_square,
        sum(common_share * reference_variance) as common_variance,
        sum(common_share * density * reference_variance) as weighted_variance
    from bins
    group by {{ (key + of_window) | join(', ') }}
),

-- What each day of the window pulls the effects by, beyond what its number of rows would.
days as (
    select
        {{ select_columns('bins', key) }},
        daily.metric_date as member_date,
        sum(daily.labeled_rows) as day_rows,
        sum(daily.labeled_rows * bins.mix_gap) as mix_sum,
        sum(case
            when bins.is_common
                then daily.loss_sum - bins.reference_loss * daily.labeled_rows
            else 0
        end) as concept_sum
    from bins
    inner join {{ ref('int_window_days') }} as windows
        on {{ same_columns('bins', 'windows', ['monitor', 'metric_date', 'window_days']) }}
    inner join {{ ref('int_pattern_daily') }} as daily
        on
            {{ same_columns('bins', 'daily', ['monitor', 'feature_name', 'bin_id']) }}
            and windows.member_date = daily.metric_date
            and daily.pattern_kind = 'feature_bin'
            and daily.traffic = 'live'
    where bins.is_whole and bins.reference_is_whole
    group by {{ select_columns('bins', key) }}, daily.metric_date
),

pulls as (
    select
        {{ key | join(', ') }},
        {% for effect in ['mix', 'concept'] %}
        {{ effect }}_sum
        - sum({{ effect }}_sum) over whole_window / sum(day_rows) over whole_window * day_rows
            as {{ effect }}_pull,
        {% endfor %}
        sum(day_rows) over whole_window as all_rows
    from days
    window whole_window as (partition by {{ key | join(', ') }})
),

day_variances as (
    select
        {{ key | join(', ') }},
        count(*) as day_count,
        {% for effect in ['mix', 'concept'] %}
        sum(power({{ effect }}_pull / all_rows, 2)) * count(*) / nullif(count(*) - 1, 0)
            as {{ effect }}_day_variance{{ ',' if not loop.last }}
        {% endfor %}
    from pulls
    group by {{ key | join(', ') }}
),

-- Variances for independent rows: of the window, and of the reference under its weights. What
-- rounding leaves of none is none.
varied as (
    select
        *,
        {{ effective_rows('all_labeled_rows', 'all_weight_squares') }} as effective_current_rows,
        {{ effective_rows('all_reference_labeled_rows', 'all_reference_weight_squares') }}
            as effective_reference_rows,
        {% for effect in ['mix', 'concept'] %}
        case
            when {{ effect }}_square * (1 - 1e-12) > power({{ effect }}, 2)
                then {{ effect }}_square - power({{ effect }}, 2)
            else 0
        end as {{ effect }}_spread,
        {% endfor %}
        power(common_share, 2) * (
            all_reference_loss_square_sum / all_reference_labeled_rows
            - power(mean_reference_loss, 2)
        ) as whole_variance
    from splits
),

known as (
    select
        varied.*,
        coalesce(days.day_count, 0) as day_count,
        days.mix_day_variance,
        days.concept_day_variance,
        varied.mix_spread / nullif(varied.effective_current_rows - 1, 0) as mix_variance,
        varied.concept_spread / nullif(varied.effective_current_rows - 1, 0) as concept_variance,
        greatest(
            varied.weighted_variance - 2 * varied.common_share * varied.common_variance
            + varied.whole_variance
            - 1e-12 * (varied.weighted_variance + varied.whole_variance),
            0
        ) / nullif(varied.effective_reference_rows - 1, 0) as mix_reference_variance,
        varied.weighted_variance / nullif(varied.effective_reference_rows - 1, 0)
            as concept_reference_variance,
        case
            when not coalesce(varied.reference_is_whole, false) then 'no_reference'
            when
                varied.is_whole
                and days.day_count >= 5
                and varied.all_counted_rows >= 200
                and varied.all_reference_counted_rows >= 200
                then 'judged'
            else 'insufficient_data'
        end as status
    from varied
    left join day_variances as days
        on {{ same_columns('varied', 'days', key) }}
)

{%- set judged = {
    'current_loss': 'all_loss_sum / all_labeled_rows',
    'reference_loss': 'mean_reference_loss',
    'mix_effect': 'mix',
    'concept_effect': 'concept',
    'out_of_support_effect': 'outside',
    'out_of_support_share': 'outside_share',
    'effective_rows':
        'effective_reference_rows * power(common_share, 2) / nullif(density_square, 0)',
} -%}
{#- By how much days vary more than rows is taken to hold for the reference too. -#}
{%- for effect in ['mix', 'concept'] -%}
{%- do judged.update({effect ~ '_standard_error':
    'sqrt(greatest(' ~ effect ~ '_day_variance / nullif(' ~ effect ~ '_variance, 0), 1) * ('
    ~ effect ~ '_variance + ' ~ effect ~ '_reference_variance))'}) -%}
{%- endfor %}

select
    {{ key | join(', ') }},
    status,
    {% for column, expression in judged.items() %}
    case when status = 'judged' then {{ expression }} end as {{ column }},
    {% endfor %}
    -- Student's, with one degree fewer than days.
    case
        when status = 'judged'
            then 1.959963984540054 * ({{ t_over_z(ratio('1', 'day_count - 1')) }})
    end as error_quantile,
    case when reference_is_whole then reference_from end as reference_from,
    case when reference_is_whole then reference_to end as reference_to,
    cast(round(all_labeled_rows) as bigint) as current_rows,
    cast(round(case when reference_is_whole then all_reference_labeled_rows end) as bigint)
        as reference_rows,
    cast(all_counted_rows as bigint) as sampled_current_rows,
    cast(case when reference_is_whole then all_reference_counted_rows end as bigint)
        as sampled_reference_rows
from known
