{{ config(materialized='view') }}
{#- How far the best and the worst value of a segment are apart in a metric, how far they would be
    by chance if all were equal, and whether the gap has grown over four weeks. -#}
{%- set keys = ['monitor', 'model_version', 'metric_date', 'window_days', 'segment_name',
    'metric_name'] -%}
with

-- One reference of the four: the value does not depend on it.
performance as (
    select
        {{ keys | join(', ') }}, segment_value, metric_value, direction,
        status <> 'insufficient_data' as is_thick, is_mature
    from {{ ref('performance') }}
    where reference = 'previous' and segment_name <> 'overall'
),

measured as (
    select
        performance.*,
        estimates.standard_error
    from performance
    inner join {{ ref('int_metric_window') }} as estimates
        on
            estimates.traffic = 'live'
            and {{ same_columns('performance', 'estimates', keys + ['segment_value']) }}
    {% for name in ['mean_error', 'p50', 'p95'] %}
    union all
    select
        monitor, model_version, metric_date, window_days, segment_name,
        '{{ name if name == 'mean_error' else 'error_' ~ name }}', segment_value,
        {{ name }}, 'lower', status = 'ok', is_mature, {{ name }}_standard_error
    from {{ ref('error_percentiles') }}
    where segment_name <> 'overall'
    {% endfor %}
),

judged as (
    select
        *,
        coalesce(is_thick and metric_value is not null and standard_error > 0, false) as is_judged
    from measured
),

ranked as (
    select
        *,
        row_number() over (
            partition by {{ keys | join(', ') }}, is_judged
            order by
                case when direction = 'higher' then -metric_value else metric_value end,
                {{ byte_order('segment_value') }}
        ) as rank_from_best,
        row_number() over (
            partition by {{ keys | join(', ') }}, is_judged
            order by
                case when direction = 'higher' then metric_value else -metric_value end,
                {{ byte_order('segment_value') }}
        ) as rank_from_worst,
        sum(metric_value / power(standard_error, 2)) over (
            partition by {{ keys | join(', ') }}, is_judged
        ) / sum(1 / power(standard_error, 2)) over (
            partition by {{ keys | join(', ') }}, is_judged
        ) as mean_value
    from (
        select
            monitor, model_version, metric_date, window_days, segment_name, metric_name,
            segment_value, direction, is_judged, is_mature,
            case when is_judged then metric_value end as metric_value,
            case when is_judged then standard_error end as standard_error
        from judged
    ) as values_judged
),

gaps as (
    select
        {{ keys | join(', ') }},
        is_mature,
        {{ count_where('is_judged') }} as value_count,
        {% for end in ['best', 'worst'] %}
        max(case when is_judged and rank_from_{{ end }} = 1 then segment_value end)
            as {{ end }}_segment,
        max(case when is_judged and rank_from_{{ end }} = 1 then metric_value end)
            as {{ end }}_value,
        {% endfor %}
        sum(case
            when is_judged and (rank_from_best = 1 or rank_from_worst = 1)
                then power(standard_error, 2)
        end) as gap_variance,
        avg(power(standard_error, 2)) as mean_variance,
        sum(power((metric_value - mean_value) / standard_error, 2)) as heterogeneity
    from ranked
    group by {{ keys | join(', ') }}, is_mature
),

compared as (
    select
        *,
        case when value_count > 1 then abs(best_value - worst_value) end as gap,
        -- Null where there is nothing to compare.
        nullif(cast(greatest(value_count - 1, 0) as {{ type_double() }}), 0) as degrees
    from gaps
),

-- Gaps a week apart side by side, of windows that do not overlap.
series as (
    select
        {% for days in [0, 7, 14, 21] %}
        max(case when weeks.days_before = {{ days }} then earlier.gap end) as gap_{{ days }},
        max(case when weeks.days_before = {{ days }} then earlier.gap_variance end)
            as variance_{{ days }},
        {% endfor %}
        {{ select_columns('compared', keys) }}
    from compared
    cross join (values (0), (7), (14), (21)) as weeks (days_before)
    inner join compared as earlier
        on
            {{ same_columns('compared', 'earlier', [
                'monitor', 'model_version', 'window_days', 'segment_name', 'metric_name',
            ]) }}
            and earlier.metric_date = {{ add_days('compared.metric_date', '-weeks.days_before') }}
            and earlier.gap is not null
    where compared.window_days <= 7
    group by {{ select_columns('compared', keys) }}
),

-- The slope of the least-squares line through them; null without all four.
slopes as (
    select
        0.3 * (gap_0 - gap_21) + 0.1 * (gap_7 - gap_14) as gap_trend,
        sqrt(0.09 * (variance_0 + variance_21) + 0.01 * (variance_7 + variance_14))
            as gap_trend_error,
        {{ keys | join(', ') }}
    from series
)

select
    {{ select_columns('compared', keys) }},
    compared.best_segment,
    compared.worst_segment,
    compared.best_value,
    compared.worst_value,
    compared.gap,
    2 * {{ normal_quantile_above('(0.625 / (compared.degrees + 1.25))') }}
    * sqrt(compared.mean_variance) as gap_by_chance,
    case when compared.degrees > 0 then compared.heterogeneity end as heterogeneity,
    {{ chi_square_tail('compared.heterogeneity', 'compared.degrees') }} as p_value,
    compared.value_count,
    slopes.gap_trend,
    slopes.gap_trend > 1.6448536269514722 * slopes.gap_trend_error as is_widening,
    case
        when compared.degrees is null then 'insufficient_data'
        when {{ chi_square_tail('compared.heterogeneity', 'compared.degrees') }} < 0.01
            then 'unequal'
        else 'ok'
    end as status,
    compared.is_mature
from compared
left join slopes
    on {{ same_columns('compared', 'slopes', keys) }}
