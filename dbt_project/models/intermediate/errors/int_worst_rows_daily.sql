{{ config(materialized='incremental', incremental_strategy='changed_days', full_refresh=false,
    meta={'days': 'int_days_to_count'}) }}
{#- The 20 rows of a day (of rankings queries) that a version, or serving, was furthest off on.
    Which error these reach at least is known from the cells of scores, or of errors, so that few rows
    are ranked. Scores are held against labels, that of the class that came true against 1, and the
    NDCG of a query against 1. -#}
{%- set reads = day_spans(ref('int_days_to_count'), ref('int_repeated_rows')) -%}
with

-- The cells of |score - label|.
error_cells as (
    select
        cells.monitor,
        cells.model_version,
        cells.metric_date,
        {{ error_cell('cells.score_cell', 'labels.label') }} as error_cell,
        sum(case
            when labels.label = 1 then cells.positive_rows
            else cells.labeled_rows - cells.positive_rows
        end) as row_count
    from {{ ref('int_score_histogram_daily') }} as cells
    inner join {{ ref('stg_monitors') }} as monitors
        on cells.monitor = monitors.monitor and monitors.task = 'binary'
    cross join (values (0), (1)) as labels (label)
    where
        cells.segment_name = 'overall'
        and cells.traffic = 'live'
        and {{ in_days_of('cells', reads) | indent(8) }}
    group by
        cells.monitor, cells.model_version, cells.metric_date,
        {{ error_cell('cells.score_cell', 'labels.label') }}
    union all
    select
        cells.monitor,
        cells.model_version,
        cells.metric_date,
        case when monitors.task = 'regression' then abs(cells.score_cell) else cells.score_cell end,
        sum(cells.labeled_rows)
    from {{ ref('int_class_histogram_daily') }} as cells
    inner join {{ ref('stg_monitors') }} as monitors
        on
            cells.monitor = monitors.monitor
            and monitors.task <> 'binary'
    where
        cells.segment_name = 'overall'
        and cells.class_position = 0
        and {{ in_days_of('cells', reads) | indent(8) }}
    group by
        cells.monitor, cells.model_version, cells.metric_date, monitors.task, cells.score_cell
),

counted as (
    select
        *,
        sum(row_count) over (
            partition by monitor, model_version, metric_date
            order by error_cell desc
        ) - row_count as rows_before
    from error_cells
    where row_count > 0
),

-- A hair lower than the cell begins, whatever was rounded when rows were put into it.
limits as (
    select
        counted.monitor,
        counted.model_version,
        counted.metric_date,
        (1 - 1e-9) * case
            when monitors.task <> 'regression'
                then {{ error_cell_bound('min(counted.error_cell)', 50) }}
            else min(grid.scale) * {{ residual_cell_bound('min(counted.error_cell)', 100) }}
        end as least_error
    from counted
    inner join {{ ref('stg_monitors') }} as monitors
        on counted.monitor = monitors.monitor
    left join {{ ref('int_score_grid') }} as grid
        on counted.monitor = grid.monitor
    where counted.rows_before < 20
    group by counted.monitor, counted.model_version, counted.metric_date, monitors.task
),

candidates as (
    select
        cast(null as {{ dbt.type_string() }}) as monitor,
        cast(null as {{ dbt.type_string() }}) as model_version,
        cast(null as date) as metric_date,
        cast(null as {{ dbt.type_string() }}) as inference_id,
        cast(null as {{ dbt.type_string() }}) as answered_by,
        cast(null as {{ type_double() }}) as score,
        cast(null as {{ type_double() }}) as label,
        cast(null as {{ type_double() }}) as loss,
        cast(null as {{ dbt.type_string() }}) as actual_class,
        cast(null as {{ dbt.type_string() }}) as called_class
    where false
    {% for name, monitor in monitors().items()
        if monitor.task != 'ranking' and not reads[name].is_empty %}
    {% set classes = columns_of(monitor, 'classes') %}
    {% set score, label = 'judged.score', 'judged.label' %}
    {% if classes %}
    {% set score, label = chosen_class(classes, 'judged.label'), double_literal(1) %}
    {% endif %}
    union all
    select
        {{ sql_text(name) }},
        limits.model_version,
        judged.metric_date,
        cast(judged.row_id as {{ dbt.type_string() }}),
        judged.model_version as answered_by,
        {{ score | indent(8) }},
        {{ label }},
        {{ row_loss(monitor) | indent(8) }},
        {% if classes %}
        {{ name_of_class(monitor, 'judged.label') | indent(8) }},
        {{ name_of_class(monitor, called_class(monitor)) | indent(8) }}
        {% else %}
        null,
        null
        {% endif %}
    from {{ scored_rows(name, monitor, 'log', reads[name], columns=['row_id'] + classes) }}
        as judged
    inner join limits
        on
            limits.monitor = {{ sql_text(name) }}
            and judged.metric_date = limits.metric_date
            and abs({{ score | indent(12) }} - {{ label }}) >= limits.least_error
            and (
                judged.model_version = limits.model_version
                or (limits.model_version = 'serving' and not judged.is_shadow)
            )
    where judged.label is not null and {{ performance_facts(monitor).can_be_judged }}
    {% endfor %}
    union all
    select
        queries.monitor,
        case when counts_for.is_serving then 'serving' else queries.model_version end,
        queries.metric_date,
        queries.query_id,
        queries.model_version,
        1 - queries.ranking_error,
        1,
        queries.ranking_error,
        null,
        null
    from {{ ref('int_ranked_queries') }} as queries
    inner join (values (false), (true)) as counts_for (is_serving)
        on not counts_for.is_serving or not queries.is_shadow
    inner join limits
        on
            queries.monitor = limits.monitor
            and queries.metric_date = limits.metric_date
            and limits.model_version
            = case when counts_for.is_serving then 'serving' else queries.model_version end
            and queries.ranking_error >= limits.least_error
    where queries.traffic = 'live'
),

-- By the difference and not its logarithm, whose last digit is another on each engine.
ranked as (
    select
        *,
        row_number() over (
            partition by monitor, model_version, metric_date
            order by
                abs(score - label) desc, {{ byte_order('inference_id') }},
                {{ byte_order('answered_by') }}
        ) as error_rank
    from candidates
)

select
    monitor,
    model_version,
    metric_date,
    cast(error_rank as integer) as error_rank,
    inference_id,
    answered_by,
    score,
    label,
    loss,
    actual_class,
    called_class
from ranked
where error_rank <= 20
