{{ config(materialized='incremental', incremental_strategy='changed_days', full_refresh=false,
    meta={'days': 'int_days_to_count'}) }}
{#- Judged rows of monitors with several classes per class and cell of its score, positive where it
    is the class that came true: each class against the rest. Under position 0 what rows are off by:
    1 less the score of the class that came true, of regressions score less label; of rankings what
    queries are, 1 less their NDCG. -#}
{%- set reads = day_spans(ref('int_days_to_count'), ref('int_repeated_rows')) -%}
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
        cast(null as integer) as class_position,
        cast(null as integer) as score_cell,
        cast(null as bigint) as labeled_rows,
        cast(null as bigint) as positive_rows
    where false
    {% for name, monitor in monitors().items()
        if monitor.task == 'multiclass' and not reads[name].is_empty %}
    {% set read = reads[name] %}
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
        class_position,
        score_cell,
        count(*),
        {{ count_where('label = class_position') }}
    from (
        select
            judged.*,
            cast(scores.class_position as integer) as class_position,
            {% if is_fine %}
            {{ score_cell('scores.class_score', 50) | indent(12) }} as score_cell
            {% else %}
            cast(floor({{ score_cell('scores.class_score', 50) | indent(12) }} / 5.0) as integer)
                as score_cell
            {% endif %}
        from (
            select *, {{ typed_array(columns_of(monitor, 'classes'), type_double()) }} as class_scores
            from {{ scored_rows(name, monitor, kind.origin, read, kind.held_out) }} as scored
            where label is not null and {{ scores_add_up(monitor) | indent(12) }}
        ) as judged
        {{ explode_of('judged.class_scores', 'scores', 'class_score', 'class_position') }}
    ) as placed
    {% if is_fine %}
    group by metric_date, model_version, is_shadow, class_position, score_cell
    {% else %}
    group by {{ segment_grouping(
        monitor, ['metric_date', 'model_version', 'is_shadow', 'class_position', 'score_cell'],
        with_all=false
    ) }}
    {% endif %}
    {% endfor %}
    {% endfor %}
    {% endfor %}
    {% for name, monitor in monitors().items()
        if monitor.task in ['regression', 'multiclass'] and not reads[name].is_empty %}
    {% set is_number = monitor.task == 'regression' %}
    {% set error = zero_if_tiny('(score - label)') %}
    {% for kind in scored_kinds(monitor) if not kind.held_out %}
    {% for is_fine in [true, false] if is_fine or monitor.segments %}
    union all
    select
        {{ sql_text(name) }},
        'live',
        {{ "'overall'" if is_fine else grouped_segment_name(monitor) }},
        {{ "'all'" if is_fine else grouped_segment_value(monitor) }},
        metric_date,
        model_version,
        is_shadow,
        0,
        error_cell,
        count(*),
        0
    from (
        select
            judged.*,
            {% if is_number %}
            {{ residual_cell(error, 100 if is_fine else 20) | indent(12) }}
                as error_cell
            {% elif is_fine %}
            -1 - {{ score_cell('score_of_label', 50) | indent(12) }} as error_cell
            {% else %}
            -1 - cast(floor({{ score_cell('score_of_label', 50) | indent(12) }} / 5.0) as integer)
                as error_cell
            {% endif %}
        from (
            select
                *,
                {{ 'null' if is_number else chosen_class(columns_of(monitor, 'classes'), 'label') }}
                    as score_of_label
            from {{ scored_rows(name, monitor, kind.origin, reads[name]) }} as scored
            where label is not null and {{ performance_facts(monitor).can_be_judged | indent(12) }}
        ) as judged
        {% if is_number %}
        inner join {{ ref('int_score_grid') }} as grid
            on grid.monitor = {{ sql_text(name) }}
        {% endif %}
    ) as placed
    {% if is_fine %}
    group by metric_date, model_version, is_shadow, error_cell
    {% else %}
    group by {{ segment_grouping(
        monitor, ['metric_date', 'model_version', 'is_shadow', 'error_cell'], with_all=false
    ) }}
    {% endif %}
    {% endfor %}
    {% endfor %}
    {% endfor %}
    union all
    select
        queries.monitor,
        queries.traffic,
        case when exploded.segment_position = 1 then 'overall' else segments.segment_name end,
        exploded.segment_value,
        queries.metric_date,
        queries.model_version,
        queries.is_shadow,
        0,
        case
            when exploded.segment_position = 1 then queries.error_cell
            else cast(floor(queries.error_cell / 5.0) as integer)
        end,
        count(*),
        0
    from (
        select *, {{ score_cell('ranking_error', 50) | indent(8) }} as error_cell
        from {{ ref('int_ranked_queries') }}
        where traffic = 'live'
    ) as queries
    {{ explode_of('queries.segment_values', 'exploded', 'segment_value', 'segment_position') }}
    left join {{ ref('stg_segments') }} as segments
        on
            queries.monitor = segments.monitor
            and exploded.segment_position = segments.position + 1
    where exploded.segment_value is not null
    group by
        queries.monitor, queries.traffic, exploded.segment_position, segments.segment_name,
        exploded.segment_value, queries.metric_date, queries.model_version, queries.is_shadow,
        queries.error_cell
),

{{ with_serving('counted', ['class_position', 'score_cell', 'labeled_rows', 'positive_rows']) }}

select
    monitor,
    model_version,
    traffic,
    metric_date,
    segment_name,
    segment_value,
    class_position,
    score_cell,
    cast(sum(labeled_rows) as bigint) as labeled_rows,
    cast(sum(positive_rows) as bigint) as positive_rows
from versions
group by
    monitor, model_version, traffic, metric_date, segment_name, segment_value,
    class_position, score_cell
