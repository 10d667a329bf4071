{#- The days whose labelled rows say what a version's score means: its held-out rows, else its
    first 28 days, once their labels are due. With under 30 rows of an outcome there is no map. -#}
{%- set chances = tasks_of_chances() | join("', '") -%}
with

candidates as (
    select
        spans.monitor,
        spans.model_version,
        spans.traffic,
        spans.first_day as fitted_from,
        case
            when spans.traffic = 'holdout' then spans.last_day
            else {{ add_days('spans.first_day', 27) }}
        end as fitted_to
    from {{ ref('int_version_spans') }} as spans
    inner join {{ ref('stg_monitors') }} as monitors
        on
            spans.monitor = monitors.monitor
            and monitors.task in ('{{ chances }}')
    inner join {{ ref('int_as_of') }} as as_of
        on spans.monitor = as_of.monitor
    where
        spans.model_version <> 'serving'
        and (
            spans.traffic = 'holdout'
            or {{ add_days('spans.first_day', '27 + monitors.label_horizon_days') }}
            <= as_of.last_whole_day
        )
),

in_cells as (
    select
        monitor, model_version, traffic, metric_date,
        sum(labeled_rows) as labeled_rows,
        sum(positive_rows) as positive_rows
    from {{ ref('int_score_histogram_daily') }}
    where segment_name = 'overall' and model_version <> 'serving'
    group by monitor, model_version, traffic, metric_date
),

counted as (
    select
        candidates.monitor,
        candidates.model_version,
        candidates.traffic,
        candidates.fitted_from,
        candidates.fitted_to,
        cast(sum(facts.labeled_rows) as bigint) as labeled_rows,
        cast(sum(cells.labeled_rows) as bigint) as rows_in_cells,
        cast(sum(cells.positive_rows) as bigint) as positive_rows,
        sum(power(facts.labeled_rows, 2)) / nullif(sum(facts.labeled_rows), 0) as day_crowd
    from candidates
    inner join {{ ref('int_performance_daily') }} as facts
        on
            candidates.monitor = facts.monitor
            and candidates.model_version = facts.model_version
            and candidates.traffic = facts.traffic
            and facts.metric_date between candidates.fitted_from and candidates.fitted_to
            and facts.segment_name = 'overall'
    left join in_cells as cells
        on {{ same_columns('facts', 'cells', [
            'monitor', 'model_version', 'traffic', 'metric_date',
        ]) }}
    group by
        candidates.monitor, candidates.model_version, candidates.traffic, candidates.fitted_from,
        candidates.fitted_to
),

preferred as (
    select
        *,
        row_number() over (
            partition by monitor, model_version
            order by case when traffic = 'holdout' then 0 else 1 end
        ) as preference
    from counted
    where
        least(positive_rows, labeled_rows - positive_rows) >= 30
        -- Days that were counted before several classes had such cells teach nothing.
        and rows_in_cells = labeled_rows
)

select
    monitor,
    model_version,
    traffic,
    fitted_from,
    fitted_to,
    labeled_rows,
    positive_rows,
    day_crowd
from preferred
where preference = 1
