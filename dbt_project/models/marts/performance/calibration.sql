{{ config(materialized='incremental', incremental_strategy='changed_days',
    meta={'days': 'int_affected_days'}) }}
{#- Ten bins of about equal mass, cut anew in each window along the cells of the score. Of several
    classes the score is that of the class called (Guo et al. 2017). What days have in common is
    taken as a shift of the log-odds of all their labels, which moves those of a bin as much as its
    rows of the day vary. -#}
with

running as (
    select
        cells.*,
        sum(cells.labeled_rows) over (
            partition by cells.window_id order by cells.score_cell
        ) - cells.labeled_rows as rows_before,
        sum(cells.labeled_rows) over (partition by cells.window_id) as total_rows,
        windowed.labeled_rows as judged_rows
    from {{ ref('int_score_window') }} as cells
    inner join {{ ref('int_performance_window') }} as windowed
        on
            cells.window_id = windowed.window_id
            and windowed.traffic = 'live'
            and windowed.window_days <> 28
            and windowed.has_rows
    where cells.labeled_rows > 0
),

cells_in_bins as (
    select
        *,
        cast(1 + floor({{ ratio('10 * rows_before + 5 * labeled_rows', 'total_rows') }}) as integer)
            as bin_id
    from running
    -- Days that were counted before the class called had such cells have none.
    where total_rows = judged_rows
),

binned as (
    select
        window_id,
        bin_id,
        sum(labeled_rows) as row_count,
        sum(positive_rows) as positive_rows,
        sum(labeled_score_sum) as score_sum
    from cells_in_bins
    group by window_id, bin_id
),

-- Windows whose days were seen to have something in common; under seven days there is nothing to
-- learn it from. Their keys are numbered, for the many rows of cells and days.
uneven as (
    select
        windowed.*,
        effects.effective_days,
        effects.excess,
        dense_rank() over (
            order by
                windowed.monitor, windowed.model_version, windowed.segment_name,
                windowed.segment_value
        ) as key_number
    from {{ ref('int_performance_window') }} as windowed
    inner join {{ ref('int_day_effects') }} as effects
        on
            effects.metric_name = 'rate at scores'
            and effects.day_count >= 7
            and effects.excess > 0
            and {{ same_columns('windowed', 'effects', [
                'monitor', 'model_version', 'traffic', 'segment_name', 'segment_value',
                'metric_date',
            ]) }}
    where windowed.traffic = 'live' and windowed.window_days <> 28 and windowed.has_rows
),

daily_cells as (
    select
        numbered.key_number,
        facts.metric_date,
        facts.score_cell,
        facts.labeled_rows
    from {{ ref('int_score_histogram_daily') }} as facts
    inner join (
        select distinct key_number, monitor, model_version, traffic, segment_name, segment_value
        from uneven
    ) as numbered
        on {{ same_columns('facts', 'numbered', [
            'monitor', 'model_version', 'traffic', 'segment_name', 'segment_value',
        ]) }}
    where facts.labeled_rows > 0
),

cells_of_days as {{ materialized() }} (
    select
        uneven.window_id,
        windows.member_date,
        daily_cells.score_cell,
        daily_cells.labeled_rows
    from uneven
    inner join {{ ref('int_window_days') }} as windows
        on {{ same_columns('uneven', 'windows', ['monitor', 'metric_date', 'window_days']) }}
    inner join daily_cells
        on
            uneven.key_number = daily_cells.key_number
            and windows.member_date = daily_cells.metric_date
),

days_of_bins as (
    select
        cells.window_id,
        cells.bin_id,
        days.member_date,
        cast(sum(days.labeled_rows) as {{ type_double() }}) as day_rows
    from cells_of_days as days
    inner join cells_in_bins as cells
        on days.window_id = cells.window_id and days.score_cell = cells.score_cell
    group by cells.window_id, cells.bin_id, days.member_date
),

-- How many others of its day and bin a row has.
crowded as (
    select
        window_id,
        bin_id,
        sum(power(day_rows, 2)) / sum(day_rows) - 1 as others_of_day
    from days_of_bins
    group by window_id, bin_id
),

rated as (
    select
        *,
        score_sum / row_count as mean_score,
        {{ ratio('positive_rows', 'row_count') }} as observed_rate,
        -- Kept above 0 where a bin has one outcome: a row of each is added.
        {{ ratio('positive_rows + 1', 'row_count + 2') }}
        * {{ ratio('row_count - positive_rows + 1', 'row_count + 2') }} as label_variance
    from binned
),

widened as (
    select
        rated.*,
        {{ select_columns('windowed', [
            'monitor', 'model_version', 'metric_date', 'window_days', 'segment_name',
            'segment_value',
        ]) }},
        uneven.effective_days,
        -- Rows of a day are alike in part, at most wholly.
        1 + coalesce(
            least(uneven.excess * rated.label_variance, 1) * crowded.others_of_day, 0
        ) as design_effect
    from rated
    inner join {{ ref('int_performance_window') }} as windowed
        on rated.window_id = windowed.window_id
    left join uneven
        on rated.window_id = uneven.window_id
    left join crowded
        on rated.window_id = crowded.window_id and rated.bin_id = crowded.bin_id
),

bounded as (
    select
        *,
        row_count / (design_effect * power({{ t_over_z(
            'coalesce(power(1 - 1 / design_effect, 2) / effective_days, 0)'
        ) }}, 2)) as effective_rows
    from widened
)

select
    monitor,
    model_version,
    metric_date,
    window_days,
    segment_name,
    segment_value,
    bin_id,
    mean_score,
    observed_rate,
    greatest({{ wilson_bound('observed_rate', 'effective_rows', -1) }}, 0) as lower_bound,
    least({{ wilson_bound('observed_rate', 'effective_rows', 1) }}, 1) as upper_bound,
    cast(row_count as bigint) as row_count,
    cast(positive_rows as bigint) as positive_rows,
    design_effect
from bounded
