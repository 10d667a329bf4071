{{ config(materialized='incremental', incremental_strategy='changed_days', full_refresh=false,
    meta={'days': 'int_days_to_count'}) }}
{#- The 20 rows of a day that a version, or serving, was furthest off on. Which error these reach at
    least is known from the cells of scores, or of errors, so that few rows are ranked. -#}
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
        abs(cells.score_cell),
        sum(cells.labeled_rows)
    from {{ ref('int_class_histogram_daily') }} as cells
    inner join {{ ref('stg_monitors') }} as monitors
        on cells.monitor = monitors.monitor and monitors.task = 'regression'
    where
        cells.segment_name = 'overall'
        and cells.class_position = 0
        and {{ in_days_of('cells', reads) | indent(8) }}
    group by cells.monitor, cells.model_version, cells.metric_date, abs(cells.score_cell)
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
            when monitors.task = 'binary' then {{ error_cell_bound('min(counted.error_cell)', 50) }}
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
        cast(null as {{ type_double() }}) as loss
    where false
    {% for name, monitor in monitors().items()
        if monitor.task in ['binary', 'regression'] and not reads[name].is_empty %}
    union all
    select
        {{ sql_text(name) }},
        limits.model_version,
        judged.metric_date,
        cast(judged.row_id as {{ dbt.type_string() }}),
        judged.model_version as answered_by,
        judged.score,
        judged.label,
        {{ row_loss(monitor) }}
    from {{ scored_rows(name, monitor, 'log', reads[name], columns=['row_id']) }} as judged
    inner join limits
        on
            limits.monitor = {{ sql_text(name) }}
            and judged.metric_date = limits.metric_date
            and abs(judged.score - judged.label) >= limits.least_error
            and (
                judged.model_version = limits.model_version
                or (limits.model_version = 'serving' and not judged.is_shadow)
            )
    where judged.label is not null and {{ performance_facts(monitor).can_be_judged }}
    {% endfor %}
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
    loss
from ranked
where error_rank <= 20
