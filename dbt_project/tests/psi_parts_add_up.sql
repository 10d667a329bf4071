{#- Fails for each window of this build in which the parts of the bins are not the PSI, or their
    rows not those of the window and the reference, counted in another way. Of all rows alone: the
    view sums over all days of what it is asked for. -#}
{%- set key = [
    'monitor', 'metric_date', 'window_days', 'segment_name', 'segment_value', 'reference',
    'bins_version', 'feature_name',
] -%}
with

summed as (
    select
        {{ key | join(', ') }},
        sum(current_rows) as current_rows,
        sum(reference_rows) as reference_rows,
        sum(current_share) as current_share,
        sum(reference_share) as reference_share,
        sum(psi_contribution) as psi
    from {{ ref('feature_drift_bins') }}
    where segment_name = 'overall'
    group by {{ key | join(', ') }}
)

select {{ select_columns('drift', key) }}, drift.psi, summed.psi as sum_of_parts
from {{ ref('feature_drift') }} as drift
inner join {{ ref('int_affected_days') }} as affected
    on drift.monitor = affected.monitor and drift.metric_date = affected.metric_date
left join summed
    on {{ same_columns('drift', 'summed', key) }}
where
    drift.segment_name = 'overall'
    and drift.psi is not null
    and not coalesce(
        summed.current_rows = drift.current_rows
        and summed.reference_rows = drift.reference_rows
        and abs(summed.current_share - 1) < 1e-9
        and abs(summed.reference_share - 1) < 1e-9
        and abs(summed.psi - drift.psi) < 1e-9 * (1 + drift.psi),
        false
    )
