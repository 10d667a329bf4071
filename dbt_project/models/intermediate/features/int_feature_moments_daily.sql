{{ config(materialized='incremental', incremental_strategy='changed_days', full_refresh=false,
    meta={'days': 'int_days_to_count'}) }}
{#- Mergeable sums per day, segment value and feature, and for numeric ones the rows below and
    in each public bin. The log is read once, on the finest combination of segment values; all
    else rolls up from there. Sums are about a centre inside the bins, so that squares keep
    their digits. -#}
{%- set days = ref('int_days_to_count') -%}
{%- set reads = day_spans(days, ref('int_repeated_rows')) -%}
{%- set frozen = frozen_bins(days) -%}
with

{%- set parts = [] %}
{% for name, monitor in monitors().items() if not reads[name].is_empty %}
{% set bins = frozen.get(name, {}) %}
{% set read = reads[name] %}
{% set segments = columns_of(monitor, 'segments') %}
{% for origin in row_origins(monitor) %}
{% for batch in range(monitor.numeric | length + monitor.categorical | length) | batch(40) %}
{#- Numbered: PostgreSQL cuts names after 63 bytes, and a monitor's may have 60. -#}
{% set part = 'part_' ~ (parts | length + 1) %}
{% do parts.append({'cte': part ~ '_long', 'name': name, 'origin': origin}) %}
{% set wide = [] %}
{% for index in batch %}
{% if index < monitor.numeric | length %}
{% set feature = monitor.numeric[index] %}
{% set inner_bins = bins.get(feature, []) %}
{% set centre = double_literal(inner_bins[inner_bins | length // 2].lower if inner_bins else '0') %}
{% do wide.append({'feature': feature, 'value': 'numeric_' ~ (index + 1), 'bins': inner_bins,
    'centre': centre, 'is_numeric': true, 'at': index}) %}
{% else %}
{% set position = index - monitor.numeric | length %}
{% do wide.append({'feature': monitor.categorical[position],
    'value': 'categorical_' ~ (position + 1),
    'bins': [], 'is_numeric': false, 'at': index}) %}
{% endif %}
{% endfor %}
{% set numbers = wide | selectattr('is_numeric') | list %}
{{ part }}_finest as (
    select
        metric_date,
        {% for segment in segments %}
        {{ segment }},
        {% endfor %}
        {% for one in wide %}
        count({{ one.value }}) as known_{{ one.at }},
        {% if one.is_numeric %}
        count(finite_{{ one.at }}) as values_{{ one.at }},
        sum(finite_{{ one.at }} - {{ one.centre }}) as sum_{{ one.at }},
        sum((finite_{{ one.at }} - {{ one.centre }}) * (finite_{{ one.at }} - {{ one.centre }}))
            as squares_{{ one.at }},
        min(finite_{{ one.at }}) as min_{{ one.at }},
        max(finite_{{ one.at }}) as max_{{ one.at }},
        {% if segments and one.bins %}
        {% set value = 'finite_' ~ one.at %}
        {{ count_where(value ~ ' < ' ~ double_literal(one.bins[0].lower)) }}
            as through_{{ one.at }}_0,
        {% for bin in one.bins %}
        {{ count_where(is_through_bin(value, bin, loop.last)) }}
            as through_{{ one.at }}_{{ loop.index }},
        {% endfor %}
        {% endif %}
        {% endif %}
        {% endfor %}
        count(*) as row_count
    from (
        select
            *{% for one in wide if one.is_numeric %},
            case when {{ is_finite(one.value) }} then {{ one.value }} end as finite_{{ one.at }}
            {%- endfor %}
        from {{ single_rows(name, monitor, origin,
            wide | map(attribute='value') | list + segments + ['is_shadow'], read) }} as rows_found
        where not is_shadow
    ) as served
    group by metric_date{% for segment in segments %}, {{ segment }}{% endfor %}
),

{#- Each CTE is read in one place: Spark plans what it reads anew for every place. -#}
{{ part }}_segments as (
    select
        finest.metric_date,
        segments.segment_name,
        {{ value_of_segment(segments) }} as segment_value,
        {% for one in wide %}
        sum(finest.known_{{ one.at }}) as known_{{ one.at }},
        {% if one.is_numeric %}
        sum(finest.values_{{ one.at }}) as values_{{ one.at }},
        sum(finest.sum_{{ one.at }}) as sum_{{ one.at }},
        sum(finest.squares_{{ one.at }}) as squares_{{ one.at }},
        min(finest.min_{{ one.at }}) as min_{{ one.at }},
        max(finest.max_{{ one.at }}) as max_{{ one.at }},
        {% if segments and one.bins %}
        {% for edge in range(one.bins | length + 1) %}
        sum(finest.through_{{ one.at }}_{{ edge }}) as through_{{ one.at }}_{{ edge }},
        {% endfor %}
        {% endif %}
        {% endif %}
        {% endfor %}
        sum(finest.row_count) as row_count
    from {{ part }}_finest as finest
    cross join (
        values
        (0, 'overall')
        {%- for segment in monitor.segments %},
        ({{ loop.index }}, {{ sql_text(segment) }})
        {%- endfor %}
    ) as segments (position, segment_name)
    group by
        finest.metric_date,
        segments.segment_name,
        {{ value_of_segment(segments) }}
),

{{ part }}_long as (
    select
        sums.metric_date,
        sums.segment_name,
        sums.segment_value,
        features.feature_name,
        sums.row_count,
        sums.row_count - {{ of_feature(wide, 'known') }} as null_count,
        coalesce(cast({{ of_feature(numbers, 'values') }} as bigint), 0) as value_count,
        cast(case features.position
            {% for one in numbers %}
            when {{ one.at }} then {{ one.centre }}
            {% endfor %}
            {# For those of categories alone, which have no case. #}
            when -1 then null
            else 0
        end as {{ type_double() }}) as centre,
        {% for column, measure in [('value_sum', 'sum'), ('square_sum', 'squares'),
            ('min_value', 'min'), ('max_value', 'max')] %}
        cast({{ of_feature(numbers, measure) }} as {{ type_double() }}) as {{ column }},
        {% endfor %}
        case
            {% for one in numbers if segments and one.bins %}
            {% set through = [] %}
            {% for edge in range(one.bins | length + 1) %}
            {% do through.append('sums.through_' ~ one.at ~ '_' ~ edge) %}
            {% endfor %}
            when features.position = {{ one.at }} then {{ typed_array(through, 'bigint') }}
            {% endfor %}
            when features.position >= 0 then {{ typed_array([], 'bigint') }}
        end as rows_through_bins
    from {{ part }}_segments as sums
    cross join (
        values
        {%- for one in wide %}
        ({{ one.at }}, {{ sql_text(one.feature) }}){{ ',' if not loop.last }}
        {%- endfor %}
    ) as features (position, feature_name)
),

{% endfor %}
{% endfor %}
{% endfor %}

all_parts as (
    select
        cast(null as {{ dbt.type_string() }}) as monitor,
        cast(null as {{ dbt.type_string() }}) as origin,
        cast(null as date) as metric_date,
        cast(null as {{ dbt.type_string() }}) as segment_name,
        cast(null as {{ dbt.type_string() }}) as segment_value,
        cast(null as {{ dbt.type_string() }}) as feature_name,
        cast(null as bigint) as row_count,
        cast(null as bigint) as null_count,
        cast(null as bigint) as value_count,
        cast(null as {{ type_double() }}) as centre,
        cast(null as {{ type_double() }}) as value_sum,
        cast(null as {{ type_double() }}) as square_sum,
        cast(null as {{ type_double() }}) as min_value,
        cast(null as {{ type_double() }}) as max_value,
        {{ typed_array([], 'bigint') }} as rows_through_bins
    where false
    {% for part in parts %}
    union all
    select
        {{ sql_text(part.name) }},
        '{{ part.origin }}',
        {{ part.cte }}.*
    from {{ part.cte }}
    {% endfor %}
)

select
    monitor,
    origin,
    metric_date,
    segment_name,
    segment_value,
    feature_name,
    cast(row_count as bigint) as row_count,
    cast(null_count as bigint) as null_count,
    cast(value_count as bigint) as value_count,
    centre,
    value_sum,
    square_sum,
    min_value,
    max_value,
    rows_through_bins
from all_parts
