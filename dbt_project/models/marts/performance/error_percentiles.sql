{{ config(materialized='incremental', incremental_strategy='changed_days',
    meta={'days': 'int_affected_days'}) }}
{#- Percentiles of what rows are off by: of |score - label|, of several classes 1 less the score of
    the class that came true; of rankings of what queries are, 1 less their NDCG. Of binary monitors
    from the cells of the score: a negative is as far off as its score, a positive as far as its score
    is from 1. -#}
{%- set percentiles = [('p25', 0.25), ('p50', 0.5), ('p75', 0.75), ('p95', 0.95)] -%}
{%- set with_error = ['p50', 'p95'] -%}
{#- By sign and size: below a tenth of the spread of predictions, below all of it, from it on. -#}
{%- set buckets = {
    'far_under_share': 'signed_cell < -10 * cells_per_decade',
    'under_share': 'signed_cell between -10 * cells_per_decade and -9 * cells_per_decade - 1',
    'near_share': 'abs(signed_cell) <= 9 * cells_per_decade',
    'over_share': 'signed_cell between 9 * cells_per_decade + 1 and 10 * cells_per_decade',
    'far_over_share': 'signed_cell > 10 * cells_per_decade',
} -%}
with

-- Rows that are equally far off to both sides are in two rows with one cell.
error_cells as (
    select
        cells.window_id,
        windowed.labeled_rows as total_rows,
        {{ error_cell('cells.score_cell', 'labels.label') }} as error_cell,
        cast(null as integer) as signed_cell,
        cast(null as integer) as cells_per_decade,
        case
            when labels.label = 1 then cells.positive_rows
            else cells.labeled_rows - cells.positive_rows
        end as row_count
    from {{ ref('int_score_window') }} as cells
    inner join {{ ref('int_performance_window') }} as windowed
        on
            cells.window_id = windowed.window_id
            and windowed.traffic = 'live'
            and windowed.window_days <> 28
            and windowed.has_rows
    inner join {{ ref('stg_monitors') }} as monitors
        on windowed.monitor = monitors.monitor and monitors.task = 'binary'
    inner join (values (0), (1)) as labels (label)
        on
            (labels.label = 1 and cells.positive_rows > 0)
            or (labels.label = 0 and cells.labeled_rows > cells.positive_rows)
    union all
    select
        windowed.window_id,
        {{ error_count('monitors.task', 'windowed') | indent(8) }},
        case when monitors.task = 'regression' then abs(facts.score_cell) else facts.score_cell end,
        facts.score_cell,
        case
            when monitors.task <> 'regression' then cast(null as integer)
            when windowed.segment_name = 'overall' then 100
            else 20
        end,
        cast(sum(facts.labeled_rows) as bigint)
    from {{ ref('int_performance_window') }} as windowed
    inner join {{ ref('stg_monitors') }} as monitors
        on windowed.monitor = monitors.monitor
    {{ facts_of_windows(ref('int_class_histogram_daily')) }}
            and facts.class_position = 0
    where windowed.traffic = 'live' and windowed.window_days <> 28 and windowed.has_rows
    group by
        windowed.window_id, windowed.labeled_rows, windowed.query_count, windowed.segment_name,
        monitors.task, facts.score_cell
),

running as (
    select
        window_id,
        error_cell,
        signed_cell,
        cells_per_decade,
        total_rows,
        row_count,
        sum(row_count) over (partition by window_id order by error_cell) as rows_through
    from error_cells
),

-- The cells of the percentiles, and of the ranks a standard error below and above them.
found as (
    select
        {% for name, share in percentiles %}
        min(case when rows_through >= {{ share }} * total_rows then error_cell end)
            as {{ name }}_cell,
        {% if name in with_error %}
        {% set spread = 'sqrt(' ~ share ~ ' * ' ~ (1 - share) ~ ' * total_rows)' %}
        min(case
            when rows_through >= {{ share }} * total_rows - {{ spread }} then error_cell
        end) as {{ name }}_low_cell,
        coalesce(min(case
            when rows_through >= {{ share }} * total_rows + {{ spread }} then error_cell
        end), max(error_cell)) as {{ name }}_high_cell,
        {% endif %}
        {% endfor %}
        {% for bucket, is_inside in buckets.items() %}
        sum(case when {{ is_inside }} then row_count else 0 end) as {{ bucket }}_rows,
        {% endfor %}
        min(cells_per_decade) as cells_per_decade,
        max(total_rows) as total_rows,
        window_id
    from running
    group by window_id
    -- Days that were counted before there were such cells have none.
    having max(rows_through) = max(total_rows)
),

{%- set bounds = [] -%}
{%- for name, share in percentiles -%}
{%- do bounds.extend([(name ~ '_from', name ~ '_cell'), (name ~ '_to', name ~ '_cell + 1')]) -%}
{%- endfor -%}
{%- for name in with_error -%}
{%- do bounds.extend([(name ~ '_low', name ~ '_low_cell'),
    (name ~ '_high', name ~ '_high_cell')]) -%}
{%- endfor %}

bounded as (
    select
        windowed.*,
        found.total_rows,
        {{ add_days('windowed.metric_date', 'monitors.label_horizon_days') }}
        <= as_of.last_whole_day as is_mature,
        {% for bound, cell in bounds %}
        case
            when found.cells_per_decade = 100
                then grid.scale * {{ residual_cell_bound('(found.' ~ cell ~ ')', 100) }}
            when found.cells_per_decade = 20
                then grid.scale * {{ residual_cell_bound('(found.' ~ cell ~ ')', 20) }}
            when windowed.segment_name = 'overall'
                then {{ error_cell_bound('found.' ~ cell, 50) }}
            else {{ error_cell_bound('found.' ~ cell, 10) }}
        end as {{ bound }},
        {% endfor %}
        {% for bucket in buckets %}
        case
            when found.cells_per_decade is not null
                then {{ ratio('found.' ~ bucket ~ '_rows', 'found.total_rows') }}
        end as {{ bucket }},
        {% endfor %}
        case when found.cells_per_decade is not null then grid.scale end as error_scale,
        monitors.task,
        windowed.judged_score_sum - 2 * windowed.score_label_sum + windowed.positive_rows
            as error_sum,
        means.metric_value as mean_of_metric,
        means.standard_error as mean_of_metric_standard_error
    from found
    inner join {{ ref('int_performance_window') }} as windowed
        on found.window_id = windowed.window_id
    inner join {{ ref('stg_monitors') }} as monitors
        on windowed.monitor = monitors.monitor
    inner join {{ ref('int_as_of') }} as as_of
        on windowed.monitor = as_of.monitor
    left join {{ ref('int_score_grid') }} as grid
        on windowed.monitor = grid.monitor
    left join {{ ref('int_metric_estimates') }} as means
        on
            {{ same_columns('windowed', 'means', [
                'monitor', 'model_version', 'traffic', 'segment_name', 'segment_value',
                'metric_date', 'window_days',
            ]) }}
            and means.metric_name in ('mae', 'ndcg')
)

select
    monitor,
    model_version,
    metric_date,
    window_days,
    segment_name,
    segment_value,
    {% for name, share in percentiles %}
    ({{ name }}_from + {{ name }}_to) / 2 as {{ name }},
    {% endfor %}
    greatest(
        {% for name, share in percentiles %}
        {{ name }}_to - {{ name }}_from{{ ',' if not loop.last }}
        {% endfor %}
    ) / 2 as error_bound,
    {% for name in with_error %}
    -- Between the two ranks (Woodruff 1952), and what a cell hides.
    sqrt(
        power(({{ name }}_high - {{ name }}_low) / 2, 2)
        + power({{ name }}_to - {{ name }}_from, 2) / 12
    ) as {{ name }}_standard_error,
    {% endfor %}
    -- Of several classes there is no sum of it.
    case task
        when 'binary' then error_sum / labeled_rows
        when 'regression' then mean_of_metric
        when 'ranking' then 1 - mean_of_metric
    end as mean_error,
    case
        when task = 'binary'
            then {{ mean_standard_error('error_sum', 'brier_sum', 'labeled_rows') }}
        when task in ('regression', 'ranking') then mean_of_metric_standard_error
    end as mean_error_standard_error,
    total_rows as labeled_rows,
    case when total_rows < 100 then 'insufficient_data' else 'ok' end as status,
    {% for bucket in buckets %}
    {{ bucket }},
    {% endfor %}
    error_scale,
    {{ ratio('known_labels', 'row_count') }} as label_coverage,
    is_mature
from bounded
