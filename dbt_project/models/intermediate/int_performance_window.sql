{#- The daily sums over 1, 7 and 30 days for every key and day; and once over 28 days: the stable
    window of live rows, or the newest held-out weeks. -#}
with

key_spans as (
    select
        facts.monitor,
        facts.model_version,
        facts.traffic,
        facts.segment_name,
        facts.segment_value,
        min(versions.first_day) as first_day,
        min(versions.last_day) as last_day
    from {{ ref('int_performance_daily') }} as facts
    inner join (
        select
            monitor, model_version, traffic,
            min(metric_date) as first_day, max(metric_date) as last_day
        from {{ ref('int_performance_daily') }}
        group by monitor, model_version, traffic
    ) as versions
        on
            facts.monitor = versions.monitor
            and facts.model_version = versions.model_version
            and facts.traffic = versions.traffic
    group by
        facts.monitor, facts.model_version, facts.traffic, facts.segment_name,
        facts.segment_value
),

open_spans as (
    select
        spans.monitor,
        spans.model_version,
        spans.traffic,
        spans.segment_name,
        spans.segment_value,
        spans.first_day,
        case
            when spans.traffic = 'live' and spans.model_version = 'serving' then as_of.as_of
            else spans.last_day
        end as last_day
    from key_spans as spans
    inner join {{ ref('int_as_of') }} as as_of
        on spans.monitor = as_of.monitor
),

key_days as (
    select
        monitor, model_version, traffic, segment_name, segment_value, first_day, last_day,
        {{ explode_days('first_day', 'last_day') }} as metric_date
    from open_spans
),

daily as (
    select
        key_days.*,
        {% for column in performance_counts() + performance_sums() %}
        coalesce(facts.{{ column }}, 0) as {{ column }},
        {% endfor %}
        facts.min_score,
        facts.max_score
    from key_days
    left join {{ ref('int_performance_daily') }} as facts
        on
            key_days.monitor = facts.monitor
            and key_days.model_version = facts.model_version
            and key_days.traffic = facts.traffic
            and key_days.segment_name = facts.segment_name
            and key_days.segment_value = facts.segment_value
            and key_days.metric_date = facts.metric_date
),

{% for window_days in [1, 7, 28, 30] %}
window_{{ window_days }} as (
    select
        monitor, model_version, traffic, segment_name, segment_value, metric_date, first_day,
        last_day,
        {{ window_days }} as window_days,
        {% for column in performance_counts() %}
        cast(sum({{ column }}) over trailing_days as bigint) as {{ column }},
        {% endfor %}
        {% for column in performance_sums() %}
        sum({{ column }}) over trailing_days as {{ column }},
        {% endfor %}
        min(min_score) over trailing_days as min_score,
        max(max_score) over trailing_days as max_score
    from daily
    window
        trailing_days as (
            partition by monitor, model_version, traffic, segment_name, segment_value
            order by metric_date
            rows between {{ window_days - 1 }} preceding and current row
        )
),

{% endfor %}
final as (
    select * from window_1
    union all
    select * from window_7
    union all
    select * from window_30
    union all
    select * from window_28
    where
        (traffic = 'live' and metric_date = first_day + 27)
        or (traffic = 'holdout' and metric_date = last_day)
)

select * from final
