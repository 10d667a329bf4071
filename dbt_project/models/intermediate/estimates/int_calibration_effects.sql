{#- How much more the labels of a version's calibration days pull each metric, given the scores,
    than independent labels would: as int_day_effects, with the map in the place of the month. -#}
with

spans as (
    select
        *,
        row_number() over (order by monitor, model_version) as window_id
    from {{ ref('int_calibration_spans') }}
),

day_cells as (
    select
        spans.window_id,
        spans.labeled_rows as span_rows,
        facts.metric_date,
        facts.score_cell,
        facts.labeled_rows,
        facts.positive_rows,
        facts.labeled_score_sum,
        mapped.called_share,
        mapped.probability,
        mapped.label_variance
    from spans
    inner join {{ ref('int_score_histogram_daily') }} as facts
        on
            spans.monitor = facts.monitor
            and spans.model_version = facts.model_version
            and spans.traffic = facts.traffic
            and facts.metric_date between spans.fitted_from and spans.fitted_to
            and facts.segment_name = 'overall'
            and facts.labeled_rows > 0
    inner join {{ ref('int_calibration_map') }} as mapped
        on
            facts.monitor = mapped.monitor
            and facts.model_version = mapped.model_version
            and facts.score_cell = mapped.score_cell
            and mapped.cells_per_unit = 50
),

span_cells as (
    select
        window_id,
        score_cell,
        max(called_share) as called_share,
        max(probability) as probability,
        sum(labeled_rows) as labeled_rows,
        sum(labeled_score_sum) / sum(labeled_rows) as mean_score
    from day_cells
    group by window_id, score_cell
),

cells as (
    {{ called_and_not('span_cells', 'labeled_rows') }}
),

{{ label_influences('cells') }},

cell_influences as (
    select
        window_id,
        score_cell,
        {% for metric in estimated_metrics() %}
        sum(row_count * of_{{ metric }}) / sum(row_count) as of_{{ metric }}
        {{- ',' if not loop.last }}
        {% endfor %}
    from influences
    group by window_id, score_cell
),

-- The day is in the map that it is compared with.
day_pulls as (
    select
        day_cells.window_id,
        day_cells.metric_date,
        cast(sum(day_cells.labeled_rows) as {{ type_double() }}) as day_rows,
        1 - {{ ratio('sum(day_cells.labeled_rows)', 'max(day_cells.span_rows)') }}
            as other_days_part,
        {% for metric in estimated_metrics() %}
        sum(cell_influences.of_{{ metric }} * (
            day_cells.positive_rows - day_cells.labeled_rows * day_cells.probability
        )) as pull_of_{{ metric }},
        sum(
            power(cell_influences.of_{{ metric }}, 2)
            * day_cells.labeled_rows * day_cells.label_variance
        ) as variance_of_{{ metric }}{{ ',' if not loop.last }}
        {% endfor %}
    from day_cells
    inner join cell_influences
        on
            day_cells.window_id = cell_influences.window_id
            and day_cells.score_cell = cell_influences.score_cell
    group by day_cells.window_id, day_cells.metric_date
),

pulled as (
    {% for metric in estimated_metrics() %}
    {%- set variance = 'variance_of_' ~ metric ~ ' * other_days_part' %}
    select
        window_id,
        '{{ metric }}' as metric_name,
        count(*) as day_count,
        sum(power(pull_of_{{ metric }}, 2)) as pull_square,
        sum({{ variance }}) as pull_variance,
        sum({{ variance }} * day_rows * other_days_part) as pull_of_days,
        power(sum({{ variance }}), 2) / nullif(sum(power({{ variance }}, 2)), 0)
            as effective_days
    from day_pulls
    where variance_of_{{ metric }} > 0 and other_days_part > 0
    group by window_id
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

-- Under seven days there is nothing to learn variation between days from.
select
    spans.monitor,
    spans.model_version,
    pulled.metric_name,
    spans.day_crowd,
    pulled.effective_days,
    case when pulled.day_count >= 7 then {{ day_excess('pulled.') }} else 0 end as excess
from pulled
inner join spans
    on pulled.window_id = spans.window_id
