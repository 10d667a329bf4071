{{ config(materialized='incremental', incremental_strategy='append', full_refresh=false) }}
{#- Frozen cells of the score, cut once: from the held-out scores of the first registered version,
    else from the first 28 days of what was served. A cell is a tenth of a logit unit, for a
    regression of a unit of its grid; runs of them with about a tenth of the rows are public
    bins. -#}
with

candidates as (
    select
        facts.monitor,
        facts.traffic,
        facts.model_version,
        facts.score_cell,
        facts.row_count,
        case when facts.traffic = 'holdout' then versions.created_on end as created_on,
        facts.metric_date,
        log_days.first_day
    from {{ ref('int_score_histogram_daily') }} as facts
    left join (
        select distinct monitor, first_day from {{ ref('int_log_days') }}
    ) as log_days
        on facts.monitor = log_days.monitor
    left join {{ ref('int_as_of') }} as as_of
        on facts.monitor = as_of.monitor
    left join {{ ref('int_known_versions') }} as versions
        on facts.monitor = versions.monitor and facts.model_version = versions.model_version
    where
        facts.segment_name = 'overall'
        and (
            facts.traffic = 'holdout'
            or (
                facts.model_version = 'serving'
                and facts.metric_date <= {{ add_days('log_days.first_day', 27) }}
                and as_of.last_whole_day >= {{ add_days('log_days.first_day', 27) }}
            )
        )
),

ranked as (
    select
        *,
        dense_rank() over (
            partition by monitor
            order by
                case when traffic = 'holdout' then 0 else 1 end, created_on, model_version
        ) as preference
    from candidates
),

cell_counts as (
    select
        ranked.monitor,
        monitors.bins_version,
        cast(floor(ranked.score_cell / 5.0) as integer) as cell_id,
        sum(ranked.row_count) as row_count
    from ranked
    inner join {{ ref('stg_monitors') }} as monitors
        on ranked.monitor = monitors.monitor
    where
        ranked.preference = 1
        {% if is_incremental() %}
        and not exists (
            select 1
            from {{ this }} as frozen
            where
                frozen.monitor = ranked.monitor
                and frozen.bins_version = monitors.bins_version
        )
        {% endif %}
    group by ranked.monitor, monitors.bins_version, cast(floor(ranked.score_cell / 5.0) as integer)
),

running as (
    select
        *,
        sum(row_count) over (partition by monitor, bins_version order by cell_id)
        - row_count as rows_before,
        sum(row_count) over (partition by monitor, bins_version) as total_rows,
        lead(cell_id) over (partition by monitor, bins_version order by cell_id) as next_cell
    from cell_counts
),

-- Cells the reference left empty inside its range belong to the occupied cell before them.
placed as (
    select
        *,
        coalesce(next_cell - 1, cell_id) as last_cell,
        dense_rank() over (
            partition by monitor, bins_version
            order by least(floor({{ ratio('10 * rows_before + 5 * row_count', 'total_rows') }}), 9)
        ) as bin_id
    from running
)

select
    placed.monitor,
    placed.bins_version,
    cast(placed.cell_id as integer) as cell_id,
    cast(placed.last_cell as integer) as last_cell,
    cast(placed.bin_id as integer) as bin_id,
    case
        when grid.monitor is not null then {{ number_of_cell('placed.cell_id', 10) }}
        else {{ score_of_cell('placed.cell_id', 10) }}
    end as lower_bound,
    case
        when grid.monitor is not null then {{ number_of_cell('placed.last_cell + 1', 10) }}
        else {{ score_of_cell('placed.last_cell + 1', 10) }}
    end as upper_bound
from placed
left join {{ ref('int_score_grid') }} as grid
    on placed.monitor = grid.monitor
