{{ config(materialized='incremental', incremental_strategy='changed_days', full_refresh=false,
    meta={'days': 'int_days_to_count'}) }}
{#- Mergeable sums per day, segment value and feature, and for numeric ones the rows below and
    in each public bin. The log is read once, on the finest combination of segment values; all
    else rolls up from there. Sums are about a centre inside the bins, so that squares keep
    their digits. -#}
{%- set days = ref('int_days_to_count') -%}
with

{%- set parts = [] %}
{% for name, monitor in monitors().items() %}
{% set bins = frozen_bins(name, monitor) %}
{% set read = day_spans(days, name, ref('int_repeated_rows')) %}
{% set segments = columns_of(monitor, 'segments') %}
{% for origin in row_origins(monitor) %}
{% for batch in range(monitor.numeric | length + monitor.categorical | length) | batch(40) %}
{% set part = name ~ '_' ~ origin ~ '_' ~ loop.index %}
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

    {{ computed_once() }}
),

{{ part }}_segments as (
    {% for segment, column in [('overall', "'all'")] + zip(monitor.segments, segments) | list %}
    select
        metric_date,
        {{ sql_text(segment) }} as segment_name,
        coalesce({{ column }}, 'unknown') as segment_value,
        {% for one in wide %}
        sum(known_{{ one.at }}) as known_{{ one.at }},
        {% if one.is_numeric %}
        sum(values_{{ one.at }}) as values_{{ one.at }},
        sum(sum_{{ one.at }}) as sum_{{ one.at }},
        sum(squares_{{ one.at }}) as squares_{{ one.at }},
        min(min_{{ one.at }}) as min_{{ one.at }},
        max(max_{{ one.at }}) as max_{{ one.at }},
        {% if segments and one.bins %}
        {% for edge in range(one.bins | length + 1) %}
        sum(through_{{ one.at }}_{{ edge }}) as through_{{ one.at }}_{{ edge }},
        {% endfor %}
        {% endif %}
        {% endif %}
        {% endfor %}
        sum(row_count) as row_count
    from {{ part }}_finest
    group by metric_date, coalesce({{ column }}, 'unknown')
    {{ computed_once() }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

{{ part }}_long as (
    {% for one in wide %}
    select
        metric_date,
        segment_name,
        segment_value,
        {{ sql_text(one.feature) }} as feature_name,
        row_count,
        row_count - known_{{ one.at }} as null_count,
        {% if one.is_numeric %}
        values_{{ one.at }} as value_count,
        {{ one.centre }} as centre,
        sum_{{ one.at }} as value_sum,
        squares_{{ one.at }} as square_sum,
        min_{{ one.at }} as min_value,
        max_{{ one.at }} as max_value,
        {% else %}
        0 as value_count,
        cast(0 as {{ type_double() }}) as centre,
        cast(null as {{ type_double() }}) as value_sum,
        cast(null as {{ type_double() }}) as square_sum,
        cast(null as {{ type_double() }}) as min_value,
        cast(null as {{ type_double() }}) as max_value,
        {% endif %}
        {% set through = [] %}
        {% if segments and one.bins %}
        {% for edge in range(one.bins | length + 1) %}
        {% do through.append('through_' ~ one.at ~ '_' ~ edge) %}
        {% endfor %}
        {% endif %}
        {{ typed_array(through, 'bigint') }} as rows_through_bins
    from {{ part }}_segments
    {{ 'union all' if not loop.last }}
    {% endfor %}
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
