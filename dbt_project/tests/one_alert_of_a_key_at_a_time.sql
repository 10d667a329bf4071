{#- Fails for each alert that opens before the one before it of the same key is resolved. -#}
with

sequenced as (
    select
        alert_id,
        opened_on,
        lag(resolved_on) over key_alerts as resolved_before,
        lag(alert_id) over key_alerts as alert_before
    from {{ ref('alerts') }}
    window
        key_alerts as (
            partition by
                monitor, layer, metric_name, feature_name, segment_name, segment_value
            order by opened_on
        )
)

select *
from sequenced
where alert_before is not null and (resolved_before is null or resolved_before > opened_on)
