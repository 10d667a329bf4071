{{ config(materialized='incremental', incremental_strategy='changed_days', full_refresh=false,
    meta={'days': 'int_changed_days'}) }}
{#- Mergeable sums of business metrics. Squares are of what is left of the numerator after the
    line through 0 that fits the day best: `day_slope` times the denominator. Raw squares of large
    amounts cancel; the line of a day is moved to the ratio of a window when days are added up.
    Amounts whose squares are no number of every engine take no part, or count as 0. -#}
{%- set reads = day_spans(ref('int_changed_days'), ref('int_repeated_rows')) -%}
{%- set counts = ['row_count', 'unusable_rows', 'negative_rows'] -%}
{%- set sums = [
    'numerator_sum', 'denominator_sum', 'residual_square_sum', 'residual_denominator_sum',
    'denominator_square_sum',
] -%}
with

valued as (
    select
        cast(null as {{ dbt.type_string() }}) as monitor,
        cast(null as {{ dbt.type_string() }}) as traffic,
        cast(null as date) as metric_date,
        cast(null as {{ dbt.type_string() }}) as model_version,
        cast(null as boolean) as is_shadow,
        {{ typed_array([], dbt.type_string()) }} as segment_values,
        cast(null as {{ dbt.type_string() }}) as metric_name,
        cast(null as {{ dbt.type_string() }}) as definition,
        cast(null as {{ type_double() }}) as numerator,
        cast(null as {{ type_double() }}) as denominator
    where false
    {% for name, monitor in monitors().items()
        if monitor.business_metrics and not reads[name].is_empty %}
    {% set read = reads[name] %}
    {% set segments = columns_of(monitor, 'segments') %}
    {% set segment_values = ["'all'"] %}
    {% for segment in segments %}
        {% do segment_values.append("coalesce(" ~ segment ~ ", 'unknown')") %}
    {% endfor %}
    {% for kind in scored_kinds(monitor) %}
    {% for metric_name in monitor.business_metrics %}
    {% set columns = segments + ['numerators_' ~ loop.index, 'denominators_' ~ loop.index] %}
    union all
    select
        {{ sql_text(name) }},
        '{{ 'holdout' if kind.held_out else 'live' }}',
        metric_date,
        model_version,
        is_shadow,
        {{ typed_array(segment_values, dbt.type_string()) }},
        {{ sql_text(metric_name) }},
        '{{ business_definition(monitor.business_metrics[metric_name]) }}',
        numerators_{{ loop.index }},
        denominators_{{ loop.index }}
    {% if kind.held_out %}
    from {{ scored_rows(name, monitor, kind.origin, read, true, columns) }} as counted_rows
    {% else %}
    {% set needed = ['model_version', 'is_shadow'] + columns %}
    from {{ single_rows(name, monitor, kind.origin, needed, read) }} as counted_rows
    {% endif %}
    {% endfor %}
    {% endfor %}
    {% endfor %}
),

{%- set columns = [
    'monitor', 'traffic', 'metric_date', 'model_version', 'is_shadow', 'segment_values',
    'metric_name', 'definition',
] %}

usable as (
    select
        {{ columns | join(', ') }},
        {% for side in ['numerator', 'denominator'] %}
        case when takes_part then {{ zero_if_tiny(side) }} end as {{ side }},
        {% endfor %}
        takes_part
    from (
        select *, coalesce(abs(numerator) <= 1e37 and abs(denominator) <= 1e37, false) as takes_part
        from valued
    ) as judged
),

sloped as (
    select
        *,
        coalesce(
            sum(numerator * denominator) over whole_day
            / nullif(sum(denominator * denominator) over whole_day, 0), 0
        ) as day_slope
    from usable
    window whole_day as (partition by monitor, traffic, metric_date, metric_name)
),

finest as (
    select
        {{ columns | join(', ') }},
        {{ count_where('takes_part') }} as row_count,
        {{ count_where('not takes_part') }} as unusable_rows,
        {{ count_where('numerator < 0 or denominator < 0') }} as negative_rows,
        coalesce(sum(numerator), 0) as numerator_sum,
        coalesce(sum(denominator), 0) as denominator_sum,
        coalesce(sum(residual * residual), 0) as residual_square_sum,
        coalesce(sum(residual * denominator), 0) as residual_denominator_sum,
        coalesce(sum(denominator * denominator), 0) as denominator_square_sum,
        min(day_slope) as day_slope
    from (select *, numerator - day_slope * denominator as residual from sloped) as measured
    group by {{ columns | join(', ') }}
),

{{ in_segments('finest', ['metric_name', 'definition', 'day_slope'] + counts + sums) }}

select
    monitor,
    model_version,
    traffic,
    metric_date,
    segment_name,
    segment_value,
    metric_name,
    definition,
    {% for column in counts %}
    cast(sum({{ column }}) as bigint) as {{ column }},
    {% endfor %}
    {% for column in sums %}
    sum({{ column }}) as {{ column }},
    {% endfor %}
    min(day_slope) as day_slope
from segmented
group by
    monitor, model_version, traffic, metric_date, segment_name, segment_value, metric_name,
    definition
