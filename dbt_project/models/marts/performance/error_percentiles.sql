{{ config(materialized='incremental', incremental_strategy='changed_days',
    meta={'days': 'int_affected_days'}) }}
{#- Percentiles of |score - label| from the cells of the score: a negative is as far off as its
    score, a positive as far as its score is from 1. -#}
{%- set percentiles = [('p25', 0.25), ('p50', 0.5), ('p75', 0.75), ('p95', 0.95)] -%}
{%- set with_error = ['p50', 'p95'] -%}
with

-- A negative and a positive that are equally far off are in two rows with one cell.
error_cells as (
    select
        cells.window_id,
        windowed.labeled_rows as total_rows,
        {{ error_cell('cells.score_cell', 'labels.label') }} as error_cell,
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
    inner join (values (0), (1)) as labels (label)
        on
            (labels.label = 1 and cells.positive_rows > 0)
            or (labels.label = 0 and cells.labeled_rows > cells.positive_rows)
),

running as (
    select
        window_id,
        error_cell,
        total_rows,
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
        window_id
    from running
    group by window_id
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
        {{ add_days('windowed.metric_date', 'monitors.label_horizon_days') }}
        <= as_of.last_whole_day as is_mature,
        {% for bound, cell in bounds %}
        case
            when windowed.segment_name = 'overall'
                then {{ error_cell_bound('found.' ~ cell, 50) }}
            else {{ error_cell_bound('found.' ~ cell, 10) }}
        end as {{ bound }},
        {% endfor %}
        windowed.judged_score_sum - 2 * windowed.score_label_sum + windowed.positive_rows
            as error_sum
    from found
    inner join {{ ref('int_performance_window') }} as windowed
        on found.window_id = windowed.window_id
    inner join {{ ref('stg_monitors') }} as monitors
        on windowed.monitor = monitors.monitor
    inner join {{ ref('int_as_of') }} as as_of
        on windowed.monitor = as_of.monitor
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
    error_sum / labeled_rows as mean_error,
    {{ mean_standard_error('error_sum', 'brier_sum', 'labeled_rows') }}
        as mean_error_standard_error,
    labeled_rows,
    case when labeled_rows < 100 then 'insufficient_data' else 'ok' end as status,
    {{ ratio('known_labels', 'row_count') }} as label_coverage,
    is_mature
from bounded
