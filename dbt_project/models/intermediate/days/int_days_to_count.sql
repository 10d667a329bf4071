{#- The days whose facts are counted in this build: those whose rows changed, and all days of a
    monitor whose bins have just been frozen. Where business amounts alone changed, only
    int_business_daily is. -#}
with

without_current_facts as (
    select days.monitor, days.metric_date
    from {{ ref('int_day_facts') }} as days
    left join {{ source('driftline_state', 'int_built_days') }} as built
        on days.monitor = built.monitor and days.metric_date = built.metric_date
    where
        not days.is_sealed
        and (
            built.facts_fingerprint is null or days.facts_fingerprint <> built.facts_fingerprint
        )
)

select monitor, metric_date from without_current_facts
union
select monitor, metric_date from {{ ref('int_changed_days') }}
where change_kind <> 'business'
