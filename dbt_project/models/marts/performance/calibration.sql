{{ config(materialized='incremental', incremental_strategy='changed_days',
    meta={'days': 'int_affected_days'}) }}
{#- Ten bins of about equal mass, cut anew in each window along the cells of the score. Of several
    classes the score is that of the class called (Guo et al. 2017). What days have in common is
    taken as a shift of the log-odds of all labels, of which a bin shows as much as it has of the
    variance of labels. -#}
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

binned as (
    select
        window_id,
        cast(1 + floor({{ ratio('10 * rows_before + 5 * labeled_rows', 'total_rows') }}) as integer)
            as bin_id,
        sum(labeled_rows) as row_count,
        sum(positive_rows) as positive_rows,
        sum(labeled_score_sum) as score_sum
    from running
    -- Days that were counted before the class called had such cells have none.
    where total_rows = judged_rows
    group by
        window_id,
        cast(1 + floor({{ ratio('10 * rows_before + 5 * labeled_rows', 'total_rows') }}) as integer)
),

rated as (
    select
        *,
        score_sum / row_count as mean_score,
        {{ ratio('positive_rows', 'row_count') }} as observed_rate,
        -- Kept above 0 where a bin has one outcome: a row of each is added.
        row_count * {{ ratio('positive_rows + 1', 'row_count + 2') }}
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
        effects.effective_days,
        -- Under seven days there is nothing to learn variation between days from.
        case
            when effects.day_count >= 7
                then 1 + effects.excess * windowed.labeled_square_sum / windowed.labeled_rows
                    * rated.label_variance
                    / sum(rated.label_variance) over (partition by rated.window_id)
            else 1.0
        end as design_effect
    from rated
    inner join {{ ref('int_performance_window') }} as windowed
        on rated.window_id = windowed.window_id
    left join {{ ref('int_day_effects') }} as effects
        on
            effects.metric_name = 'rate_at_score'
            and {{ same_columns('windowed', 'effects', [
                'monitor', 'model_version', 'traffic', 'segment_name', 'segment_value',
                'metric_date',
            ]) }}
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
    {{ wilson_bound('observed_rate', 'effective_rows', -1) }} as lower_bound,
    {{ wilson_bound('observed_rate', 'effective_rows', 1) }} as upper_bound,
    cast(row_count as bigint) as row_count,
    cast(positive_rows as bigint) as positive_rows,
    design_effect
from bounded
