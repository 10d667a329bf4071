{#- Every day that has rows, with the fingerprint of all that its raw facts depend on. Days that are
    sealed (older than retention_days) or out of the look-back stay as they were built. -#}
with

counted as (
    select
        monitor,
        metric_date,
        sum(case when origin = 'log' then row_count else 0 end) as log_rows,
        sum(case when origin = 'history' then row_count else 0 end) as history_rows,
        {{ ordered_text("origin || ':' || rows_fingerprint", 'origin') }} as rows_fingerprint
    from {{ ref('int_row_fingerprints') }}
    group by monitor, metric_date
),

-- A version's held-out scores are facts of the days they are for.
held_out as (
    select
        counted.monitor,
        counted.metric_date,
        {{ ordered_text('versions.model_version', 'versions.model_version') }} as held_out_versions
    from counted
    inner join {{ ref('int_known_versions') }} as versions
        on
            counted.monitor = versions.monitor
            and counted.metric_date between versions.holdout_from and versions.holdout_to
    group by counted.monitor, counted.metric_date
),

fingerprinted as (
    select
        counted.monitor,
        counted.metric_date,
        counted.log_rows,
        counted.history_rows,
        {{ md5_text(text_of([
            'configured.configuration_fingerprint',
            'counted.rows_fingerprint',
            'held_out.held_out_versions',
            "case when monitors.unlabeled_means = 'negative' then case when "
            ~ add_days('counted.metric_date', 'monitors.label_horizon_days')
            ~ " <= as_of.as_of then 'closed' else 'open' end end",
        ])) }} as log_fingerprint
    from counted
    inner join {{ ref('stg_monitors') }} as monitors
        on counted.monitor = monitors.monitor
    inner join {{ ref('int_as_of') }} as as_of
        on counted.monitor = as_of.monitor
    inner join {{ ref('int_monitor_fingerprints') }} as configured
        on counted.monitor = configured.monitor
    left join held_out
        on counted.monitor = held_out.monitor and counted.metric_date = held_out.metric_date
),

kept as (
    select
        built.monitor,
        built.metric_date,
        built.log_rows,
        built.history_rows,
        built.log_fingerprint
    from {{ source('driftline_state', 'int_built_days') }} as built
    inner join {{ ref('stg_monitors') }} as monitors
        on built.monitor = monitors.monitor
    inner join {{ ref('int_as_of') }} as as_of
        on built.monitor = as_of.monitor
    inner join {{ ref('int_read_spans') }} as spans
        on built.monitor = spans.monitor
    where
        built.metric_date <= as_of.as_of
        and built.log_fingerprint <> 'no rows'
        and (
            built.metric_date < spans.first_day
            or built.metric_date < {{ add_days('as_of.as_of', '-monitors.retention_days') }}
        )
)

select
    fingerprinted.monitor,
    fingerprinted.metric_date,
    cast(fingerprinted.log_rows as bigint) as log_rows,
    cast(fingerprinted.history_rows as bigint) as history_rows,
    fingerprinted.log_fingerprint,
    false as is_kept
from fingerprinted
left join kept
    on fingerprinted.monitor = kept.monitor and fingerprinted.metric_date = kept.metric_date
where kept.monitor is null
union all
select monitor, metric_date, log_rows, history_rows, log_fingerprint, true
from kept
