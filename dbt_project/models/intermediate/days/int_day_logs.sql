{#- Every day that has rows, with the fingerprint of all that its raw facts depend on. A day out
    of the look-back has the rows it was last seen with; one that is sealed (older than
    retention_days) stays as it was built. So does one whose rows were purged with all before it,
    when it is older than that as seen from the newest day ever built: a build for a day of the past,
    or of a log that is empty for an hour, must not lose what cannot be counted again. Fingerprints of
    monitors with business metrics have a second half for what these alone depend on. -#}
with

counted as (
    select
        monitor,
        metric_date,
        sum(case when origin = 'log' then row_count else 0 end) as log_rows,
        sum(case when origin = 'history' then row_count else 0 end) as history_rows,
        {{ md5_text(ordered_text("origin || ':' || rows_fingerprint", 'origin')) }}
        || case
            when count(business_fingerprint) > 0
                then {{ md5_text(ordered_text(
                    "origin || ':' || coalesce(business_fingerprint, '')", 'origin'
                )) }}
            else ''
        end as rows_fingerprint
    from {{ ref('int_row_fingerprints') }}
    group by monitor, metric_date
),

first_rows as (
    select monitor, min(metric_date) as first_day
    from counted
    group by monitor
),

newest_built as (
    select monitor, max(metric_date) as last_day
    from {{ source('driftline_state', 'int_built_days') }}
    group by monitor
),

-- A build that died while it counted a day left its facts at odds with each other.
unfinished as (
    {{ unfinished_days(source('driftline_state', 'int_begun_days')) }}
),

judged as (
    select
        days.*,
        as_of.as_of,
        (counted.monitor is null or unfinished.monitor is null)
        and coalesce(
            days.metric_date < {{ add_days('as_of.as_of', '-monitors.retention_days') }}
            or (
                days.metric_date
                < {{ add_days('newest_built.last_day', '-monitors.retention_days') }}
                and (first_rows.first_day is null or days.metric_date < first_rows.first_day)
            ),
            false
        ) as is_sealed,
        days.metric_date < spans.first_day as is_unseen
    from {{ source('driftline_state', 'int_built_days') }} as days
    inner join {{ ref('stg_monitors') }} as monitors
        on days.monitor = monitors.monitor
    inner join {{ ref('int_as_of') }} as as_of
        on days.monitor = as_of.monitor
    inner join {{ ref('int_read_spans') }} as spans
        on days.monitor = spans.monitor
    inner join newest_built
        on days.monitor = newest_built.monitor
    left join first_rows
        on days.monitor = first_rows.monitor
    left join counted
        on days.monitor = counted.monitor and days.metric_date = counted.metric_date
    left join unfinished
        on days.monitor = unfinished.monitor and days.metric_date = unfinished.metric_date
    where days.log_fingerprint <> 'no rows'
),

built as (
    select *
    from judged
    where is_sealed or metric_date <= as_of
),

known as (
    select
        counted.monitor, counted.metric_date, counted.log_rows, counted.history_rows,
        counted.rows_fingerprint
    from counted
    left join built
        on
            counted.monitor = built.monitor
            and counted.metric_date = built.metric_date
            and (built.is_sealed or built.is_unseen)
    where built.monitor is null
    union all
    select monitor, metric_date, log_rows, history_rows, rows_fingerprint
    from built
    where is_sealed or is_unseen
),

-- A version's held-out scores are facts of the days they are for.
held_out as (
    select
        known.monitor,
        known.metric_date,
        {{ ordered_text('versions.model_version', 'versions.model_version') }} as held_out_versions
    from known
    inner join {{ ref('int_known_versions') }} as versions
        on
            known.monitor = versions.monitor
            and known.metric_date between versions.holdout_from and versions.holdout_to
    group by known.monitor, known.metric_date
)

select
    known.monitor,
    known.metric_date,
    cast(known.log_rows as bigint) as log_rows,
    cast(known.history_rows as bigint) as history_rows,
    known.rows_fingerprint,
    case
        when built.is_sealed then built.log_fingerprint
        else {{ md5_text(text_of([
            'configured.configuration_fingerprint',
            core_part('known.rows_fingerprint'),
            'held_out.held_out_versions',
            "case when monitors.unlabeled_means = 'negative' then case when "
            ~ add_days('known.metric_date', 'monitors.label_horizon_days')
            ~ " <= as_of.last_whole_day then 'closed' else 'open' end end",
        ])) }}
        || coalesce({{ md5_text(
            "configured.business_fingerprint || " ~ business_part('known.rows_fingerprint')
        ) }}, '')
    end as log_fingerprint,
    coalesce(built.is_sealed, false) as is_sealed
from known
inner join {{ ref('stg_monitors') }} as monitors
    on known.monitor = monitors.monitor
inner join {{ ref('int_as_of') }} as as_of
    on known.monitor = as_of.monitor
inner join {{ ref('int_monitor_fingerprints') }} as configured
    on known.monitor = configured.monitor
left join held_out
    on known.monitor = held_out.monitor and known.metric_date = held_out.metric_date
left join built
    on known.monitor = built.monitor and known.metric_date = built.metric_date
