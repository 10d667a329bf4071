{{ config(materialized='view') }}
{#- What each bin adds to a PSI, summed when it is asked for. It rests on public relations alone, so
    that the published copy can have it as a view too. -#}
{%- set series = ['monitor', 'segment_name', 'segment_value', 'bins_version', 'feature_name'] -%}
{%- set window = ['metric_date', 'window_days', 'reference'] -%}
{%- set span = ['reference', 'reference_from', 'reference_to'] -%}
{%- set window_rows = 'case drift.window_days when 1 then windowed.rows_1'
    ~ ' when 7 then windowed.rows_7 else windowed.rows_30 end' -%}
with

daily as (
    select {{ (series + ['bin_id', 'metric_date', 'row_count']) | join(', ') }}
    from {{ ref('feature_histograms') }}
    where origin = 'log'
),

{{ trailing_rows('daily', series + ['bin_id']) }},

-- The references that stand still, by their days.
spans as (
    select distinct {{ (series + span) | join(', ') }}
    from {{ ref('feature_drift') }}
    where reference in ('training', 'stable') and reference_to is not null
),

standing as (
    select
        {{ select_columns('spans', series + span) }},
        counts.bin_id,
        sum(
            case
                when counts.metric_date >= spans.reference_from
                    and (spans.reference = 'training' or counts.origin = 'log')
                    then counts.row_count
                else 0
            end
        ) as reference_rows,
        sum(
            case
                when counts.metric_date < spans.reference_from and counts.origin = 'log'
                    then counts.row_count
                else 0
            end
        ) as log_rows_before,
        sum(case when counts.origin = 'log' then counts.row_count else 0 end) as log_rows_through
    from spans
    inner join {{ ref('feature_histograms') }} as counts
        on
            {{ same_columns('spans', 'counts', series) }}
            and counts.metric_date <= spans.reference_to
    group by {{ select_columns('spans', series + span) }}, counts.bin_id
),

-- Of a standing reference the tested days are taken out, by running counts of the log.
compared as (
    select
        {{ select_columns('drift', series + window) }},
        drift.psi,
        drift.chi_square_df + 1 as bin_count,
        cast(drift.current_rows as {{ type_double() }}) as current_total,
        cast(drift.reference_rows as {{ type_double() }}) as reference_total,
        windowed.bin_id,
        {{ window_rows }} as current_rows,
        case
            when drift.reference in ('training', 'stable')
                then coalesce(standing.reference_rows, 0) - (
                    {{ clamp('windowed.rows_through_day', 'standing.log_rows_before',
                        'standing.log_rows_through') }}
                    - {{ clamp('windowed.rows_through_day - ' ~ window_rows,
                        'standing.log_rows_before', 'standing.log_rows_through') }}
                )
            when drift.window_days = 30 then windowed.previous_rows_30
            when drift.reference = 'rolling' and drift.window_days = 7
                then windowed.rolling_rows_7
            when drift.reference = 'rolling' then windowed.rolling_rows_1
            when drift.window_days = 7 then windowed.previous_rows_7
            else windowed.previous_rows_1
        end as reference_rows
    from {{ ref('feature_drift') }} as drift
    inner join windowed
        on
            {{ same_columns('drift', 'windowed', series) }}
            and drift.metric_date = windowed.metric_date
    left join standing
        on
            {{ same_columns('drift', 'standing', series + span) }}
            and windowed.bin_id = standing.bin_id
    where drift.psi is not null
),

explained as (
    select
        *,
        {{ smoothed_share('current_rows', 'reference_rows', 'current_total', 'reference_total',
            'bin_count') }} as current_share,
        {{ smoothed_share('reference_rows', 'current_rows', 'reference_total', 'current_total',
            'bin_count') }} as reference_share,
        {{ psi_term('current_rows', 'reference_rows', 'current_total', 'reference_total',
            'bin_count') }} as psi_contribution
    from compared
)

select
    explained.monitor,
    explained.metric_date,
    explained.window_days,
    explained.segment_name,
    explained.segment_value,
    explained.reference,
    explained.bins_version,
    explained.feature_name,
    explained.bin_id,
    bins.bin_kind,
    bins.lower_bound,
    bins.upper_bound,
    bins.category,
    cast(explained.current_rows as bigint) as current_rows,
    cast(explained.reference_rows as bigint) as reference_rows,
    explained.current_share,
    explained.reference_share,
    explained.psi_contribution,
    explained.psi_contribution / nullif(explained.psi, 0) as contribution_share
from explained
inner join {{ ref('feature_bins') }} as bins
    on
        explained.monitor = bins.monitor
        and explained.bins_version = bins.bins_version
        and explained.feature_name = bins.feature_name
        and explained.bin_id = bins.bin_id
