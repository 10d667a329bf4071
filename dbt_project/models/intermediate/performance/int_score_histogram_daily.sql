{{ config(materialized='incremental', incremental_strategy='changed_days', full_refresh=false,
    meta={'days': 'int_days_to_count'}) }}
{#- Mergeable fact: rows, labels and positives per score cell; fine cells for overall, coarse ones
    for segments. Predicted numbers have theirs on a frozen grid, without labels. Of several classes
    the score is that of the class called, and positive are rows of which it came true; each class
    has cells of its own in int_class_histogram_daily. -#}
{%- set reads = day_spans(ref('int_days_to_count'), ref('int_repeated_rows')) -%}
{%- set measures = [
    'row_count', 'labeled_rows', 'positive_rows', 'score_sum', 'labeled_score_sum',
] -%}
with

counted as (
    select
        cast(null as {{ dbt.type_string() }}) as monitor,
        cast(null as {{ dbt.type_string() }}) as traffic,
        cast(null as {{ dbt.type_string() }}) as segment_name,
        cast(null as {{ dbt.type_string() }}) as segment_value,
        cast(null as date) as metric_date,
        cast(null as {{ dbt.type_string() }}) as model_version,
        cast(null as boolean) as is_shadow,
        cast(null as integer) as score_cell,
        cast(null as bigint) as row_count,
        cast(null as bigint) as labeled_rows,
        cast(null as {{ type_double() }}) as positive_rows,
        cast(null as {{ type_double() }}) as score_sum,
        cast(null as {{ type_double() }}) as labeled_score_sum
    where false
    {% for name, monitor in monitors().items() if not reads[name].is_empty %}
    {% set read = reads[name] %}
    {% set is_chance = monitor.task in tasks_of_chances() %}
    {% set cell = score_cell('score', 50) if is_chance else number_cell('score', 50) %}
    {% for kind in scored_kinds(monitor) %}
    {% for is_fine in [true, false] if is_fine or monitor.segments %}
    union all
    select
        {{ sql_text(name) }},
        '{{ 'holdout' if kind.held_out else 'live' }}',
        {{ "'overall'" if is_fine else grouped_segment_name(monitor) }},
        {{ "'all'" if is_fine else grouped_segment_value(monitor) }},
        metric_date,
        model_version,
        is_shadow,
        score_cell,
        count(*),
        {{ 'count(outcome)' if is_chance else '0' }},
        {{ 'sum(outcome)' if is_chance else '0' }},
        sum(score),
        {{ 'sum(case when outcome is not null then score end)' if is_chance else 'null' }}
    from (
        select
            *,
            {% if is_chance %}
            {{ outcome_of_score(monitor) | indent(12) }} as outcome,
            {% endif %}
            {% if is_fine %}
            {{ cell | indent(12) }} as score_cell
            {% else %}
            cast(floor({{ cell | indent(12) }} / 5.0) as integer) as score_cell
            {% endif %}
        from {{ scored_rows(name, monitor, kind.origin, read, kind.held_out) }} as scored
        {% if is_chance %}
        where score between 0 and 1
        {%- if monitor.task == 'multiclass' %} and {{ scores_add_up(monitor) | indent(8) }}{% endif %}
        {% else %}
        inner join {{ ref('int_score_grid') }} as grid
            on grid.monitor = {{ sql_text(name) }}
        where score is not null
        {% endif %}
    ) as placed
    {% if is_fine %}
    group by metric_date, model_version, is_shadow, score_cell
    {% else %}
    group by {{ segment_grouping(
        monitor, ['metric_date', 'model_version', 'is_shadow', 'score_cell'], with_all=false
    ) }}
    {% endif %}
    {% endfor %}
    {% endfor %}
    {% endfor %}
),

{{ with_serving('counted', ['score_cell'] + measures) }}

select
    monitor,
    model_version,
    traffic,
    metric_date,
    segment_name,
    segment_value,
    score_cell,
    cast(sum(row_count) as bigint) as row_count,
    cast(sum(labeled_rows) as bigint) as labeled_rows,
    cast(coalesce(sum(positive_rows), 0) as bigint) as positive_rows,
    sum(score_sum) as score_sum,
    sum(labeled_score_sum) as labeled_score_sum
from versions
group by
    monitor, model_version, traffic, metric_date, segment_name,
    segment_value, score_cell
