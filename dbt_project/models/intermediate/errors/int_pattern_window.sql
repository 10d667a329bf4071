{#- Sums of each pattern over the 7 and 30 days that end on each affected day, and over what they
    are compared with, beside those of all rows. -#}
{%- set pattern = ['pattern_kind', 'monitor', 'segment_name', 'segment_value', 'feature_name',
    'bin_id'] -%}
{#- All values of a segment, or bins of a feature: together all rows. -#}
{%- set group = ['pattern_kind', 'monitor', 'segment_name', 'feature_name'] -%}
{%- set window = ['metric_date', 'window_days'] -%}
{%- set span = ['monitor', 'model_version', 'traffic'] -%}
{%- set counted = ['positive_rows', 'false_positives', 'false_negatives'] -%}
{%- set totals = ['counted_rows', 'labeled_rows', 'weight_squares', 'loss_sum',
    'loss_square_sum'] -%}
{%- set compared = ['positive_rows', 'score_sum'] + totals -%}
{#- References that move with the window, and those that stand still. -#}
{%- set moving, standing = ['previous', 'rolling'], ['stable', 'training'] -%}
with

members as (
    select monitor, metric_date, window_days, member_date, 'current' as side
    from {{ ref('int_window_days') }}
    where window_days in (7, 30)
    union all
    select
        monitor, metric_date, window_days, {{ add_days('member_date', '-window_days') }},
        'previous'
    from {{ ref('int_window_days') }}
    where window_days in (7, 30)
    union all
    -- Before a window of 30 days the rolling reference is the previous one.
    select monitor, metric_date, 7, {{ add_days('member_date', -7) }}, 'rolling'
    from {{ ref('int_window_days') }}
    where window_days = 30
),

moved as (
    select
        {{ select_columns('daily', pattern) }},
        {{ select_columns('members', window) }},
        members.side,
        {% for column in counted %}
        sum(daily.counted_{{ column }}) as counted_{{ column }},
        {% endfor %}
        sum(daily.false_positives) as false_positives,
        sum(daily.false_negatives) as false_negatives,
        sum(daily.error_sum) as error_sum,
        {% for column in compared %}
        sum(daily.{{ column }}) as {{ column }},
        {% endfor %}
        sum(power(daily.loss_sum, 2)) as day_loss_square_sum
    from members
    inner join {{ ref('int_pattern_daily') }} as daily
        on
            members.monitor = daily.monitor
            and members.member_date = daily.metric_date
            and daily.traffic = 'live'
    group by {{ select_columns('daily', pattern) }}, {{ select_columns('members', window) }},
        members.side
),

sided as (
    select
        {{ (pattern + window) | join(', ') }},
        {% for side in moving %}
        {% for column in compared %}
        max(case
            when side = '{{ side }}'
                {{ "or (window_days = 30 and side = 'previous')" if side == 'rolling' }}
                then {{ column }}
        end) as {{ side }}_{{ column }},
        {% endfor %}
        {% endfor %}
        {% for column in counted %}
        max(case when side = 'current' then counted_{{ column }} end) as counted_{{ column }},
        {% endfor %}
        {% for column in ['false_positives', 'false_negatives', 'error_sum', 'day_loss_square_sum']
            + compared %}
        max(case when side = 'current' then {{ column }} end) as {{ column }}
        {{- ',' if not loop.last }}
        {% endfor %}
    from moved
    group by {{ (pattern + window) | join(', ') }}
),

-- The first four weeks of the log, and the newest four that a version was judged on unseen.
spans as (
    select
        {{ span | join(', ') }},
        case
            when traffic = 'live' then first_day
            else greatest(first_day, {{ add_days('last_day', -27) }})
        end as span_from,
        case
            when traffic = 'live' then {{ add_days('first_day', 27) }} else last_day
        end as span_to
    from {{ ref('int_version_spans') }}
    where traffic = 'holdout' or model_version = 'serving'
),

stood as (
    select
        {{ select_columns('daily', pattern) }},
        spans.model_version,
        spans.traffic,
        {% for column in compared %}
        sum(daily.{{ column }}) as {{ column }}{{ ',' if not loop.last }}
        {% endfor %}
    from spans
    inner join {{ ref('int_pattern_daily') }} as daily
        on
            {{ same_columns('spans', 'daily', span) }}
            and daily.metric_date between spans.span_from and spans.span_to
    group by {{ select_columns('daily', pattern) }}, spans.model_version, spans.traffic
),

stood_in_all as (
    select
        {{ group | join(', ') }},
        model_version,
        traffic,
        {% for column in totals %}
        sum({{ column }}) as {{ column }}{{ ',' if not loop.last }}
        {% endfor %}
    from stood
    group by {{ group | join(', ') }}, model_version, traffic
),

-- Labelled rows (of rankings queries) of whole days, of which a group has all unless some of them
-- were sealed before there were such sums. Of rankings it may lack a tenth: queries whose answers
-- differ in a segment count for none of its values.
labeled_days as (
    select
        {{ select_columns('days', span) }},
        days.metric_date,
        {{ error_count('monitors.task', 'days') | indent(8) }} as labeled_rows
    from {{ ref('int_performance_daily') }} as days
    inner join {{ ref('stg_monitors') }} as monitors
        on days.monitor = monitors.monitor
    where
        days.segment_name = 'overall'
        and (days.traffic = 'holdout' or days.model_version = 'serving')
),

labeled_spans as (
    select
        {{ select_columns('spans', span) }},
        spans.span_from,
        spans.span_to,
        sum(days.labeled_rows) as labeled_rows
    from spans
    inner join labeled_days as days
        on
            {{ same_columns('spans', 'days', span) }}
            and days.metric_date between spans.span_from and spans.span_to
    group by {{ select_columns('spans', span) }}, spans.span_from, spans.span_to
),

labeled_windows as (
    select
        members.monitor,
        {{ select_columns('members', window) }},
        {% for side in ['current'] + moving %}
        sum(case
            when members.side = '{{ side }}'
                {{ "or (members.window_days = 30 and members.side = 'previous')"
                    if side == 'rolling' }}
                then days.labeled_rows
        end) as {{ side }}_labeled_rows{{ ',' if not loop.last }}
        {% endfor %}
    from members
    inner join labeled_days as days
        on
            members.monitor = days.monitor
            and members.member_date = days.metric_date
            and days.traffic = 'live'
    group by members.monitor, {{ select_columns('members', window) }}
),

-- What each window is compared with; of serving nothing is, while what answered is not yet the
-- version that was judged.
asked as (
    select
        labeled.*,
        {{ days_between('labeled.metric_date', 'days.first_day') }} + 1 as days_of_log,
        case
            when live.training_version = 'unregistered' then 'serving' else live.live_version
        end as training_version,
        case
            when live.training_version = 'unregistered' then 'live' else 'holdout'
        end as training_traffic,
        live.training_version = 'unregistered'
        or {{ days_between('labeled.metric_date', 'live.live_since') }} + 1 >= labeled.window_days
            as is_of_one_version,
        case when monitors.task = 'ranking' then 0.1 else 1e-6 end as missing_share
    from labeled_windows as labeled
    inner join {{ ref('stg_monitors') }} as monitors
        on labeled.monitor = monitors.monitor
    inner join {{ ref('int_log_days') }} as days
        on {{ same_columns('labeled', 'days', ['monitor', 'metric_date']) }}
    left join {{ ref('int_live_version_daily') }} as live
        on {{ same_columns('labeled', 'live', ['monitor', 'metric_date']) }}
),

summed as (
    select
        {{ select_columns('sided', pattern + window) }},
        {% for column in counted %}
        sided.counted_{{ column }},
        {% endfor %}
        {{ select_columns('sided', counted + ['score_sum', 'error_sum', 'day_loss_square_sum']
            + totals) }},
        {% for side in moving %}
        {% for column in compared %}
        coalesce(sided.{{ side }}_{{ column }}, 0) as {{ side }}_{{ column }},
        {% endfor %}
        {% endfor %}
        {% for column in totals %}
        sum(sided.{{ column }}) over group_window as all_{{ column }},
        {% for side in moving %}
        sum(sided.{{ side }}_{{ column }}) over group_window as all_{{ side }}_{{ column }}
        {{- ',' if not loop.last }}
        {% endfor %}
        {{- ',' if not loop.last }}
        {% endfor %}
    from sided
    window group_window as (
        partition by {{ select_columns('sided', group + window) }}
    )
)

select
    {{ select_columns('summed', pattern + window) }},
    {% for column in ['rows'] + counted %}
    cast(summed.counted_{{ column }} as bigint) as counted_{{ column }},
    {% endfor %}
    {{ select_columns('summed', counted + ['score_sum', 'error_sum', 'day_loss_square_sum']
        + totals[1:]) }},
    {% for column in totals %}
    summed.all_{{ column }},
    {% endfor %}
    asked.days_of_log,
    asked.days_of_log >= summed.window_days
    and abs(summed.all_labeled_rows - asked.current_labeled_rows)
    <= asked.missing_share * asked.current_labeled_rows as is_whole,
    {% for side in moving %}
    {% for column in compared %}
    summed.{{ side }}_{{ column }},
    {% endfor %}
    {% for column in totals %}
    summed.all_{{ side }}_{{ column }},
    {% endfor %}
    {% set length = 'summed.window_days' if side == 'previous' else '30' %}
    {{ add_days('summed.metric_date', '1 - summed.window_days - ' ~ length) }} as {{ side }}_from,
    {{ add_days('summed.metric_date', '-summed.window_days') }} as {{ side }}_to,
    coalesce(
        asked.days_of_log >= summed.window_days + {{ length }}
        and abs(summed.all_{{ side }}_labeled_rows - asked.{{ side }}_labeled_rows)
        <= asked.missing_share * asked.{{ side }}_labeled_rows,
        false
    ) as {{ side }}_is_whole,
    {% endfor %}
    {% for side in standing %}
    {% for column in compared %}
    coalesce({{ side }}.{{ column }}, 0) as {{ side }}_{{ column }},
    {% endfor %}
    {% for column in totals %}
    all_{{ side }}.{{ column }} as all_{{ side }}_{{ column }},
    {% endfor %}
    {{ side }}_span.span_from as {{ side }}_from,
    {{ side }}_span.span_to as {{ side }}_to,
    coalesce(
        {{ side }}_span.span_to <= {{ add_days('summed.metric_date', '-summed.window_days') }}
        {{ 'and asked.is_of_one_version' if side == 'training' }}
        and abs(all_{{ side }}.labeled_rows - {{ side }}_span.labeled_rows)
        <= asked.missing_share * {{ side }}_span.labeled_rows,
        false
    ) as {{ side }}_is_whole{{ ',' if not loop.last }}
    {% endfor %}
from summed
inner join asked
    on {{ same_columns('summed', 'asked', ['monitor'] + window) }}
{% for side in standing %}
{% set version = "'serving'" if side == 'stable' else 'asked.training_version' %}
{% set traffic = "'live'" if side == 'stable' else 'asked.training_traffic' %}
left join labeled_spans as {{ side }}_span
    on
        summed.monitor = {{ side }}_span.monitor
        and {{ version }} = {{ side }}_span.model_version
        and {{ traffic }} = {{ side }}_span.traffic
left join stood as {{ side }}
    on
        {{ same_columns('summed', side, pattern) }}
        and {{ version }} = {{ side }}.model_version
        and {{ traffic }} = {{ side }}.traffic
left join stood_in_all as all_{{ side }}
    on
        {{ same_columns('summed', 'all_' ~ side, group) }}
        and {{ version }} = all_{{ side }}.model_version
        and {{ traffic }} = all_{{ side }}.traffic
{% endfor %}
where summed.labeled_rows > 0
