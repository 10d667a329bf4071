{#- How far days inside the bin reference lie from the rest of it: rows of a day share weather,
    campaigns and users, which the null of independent rows does not know. -#}
with

reference_counts as (
    select
        counts.monitor,
        counts.metric_date,
        counts.segment_name,
        counts.segment_value,
        counts.feature_name,
        counts.bin_id,
        sum(counts.row_count) as row_count
    from {{ ref('int_feature_histogram_daily') }} as counts
    inner join {{ ref('int_bin_reference') }} as reference
        on
            counts.monitor = reference.monitor
            and counts.origin = reference.origin
            and counts.bins_version = reference.bins_version
            and counts.metric_date between reference.reference_from and reference.reference_to
    inner join {{ ref('int_affected_spans') }} as spans
        on counts.monitor = spans.monitor
    group by
        counts.monitor, counts.metric_date, counts.segment_name, counts.segment_value,
        counts.feature_name, counts.bin_id
),

reference_spans as (
    select reference.monitor, reference.reference_from, reference.reference_to
    from {{ ref('int_bin_reference') }} as reference
    inner join {{ ref('int_affected_spans') }} as spans
        on reference.monitor = spans.monitor
),

{{ day_psi_null(['monitor', 'segment_name', 'segment_value', 'feature_name'], ['monitor']) }}
