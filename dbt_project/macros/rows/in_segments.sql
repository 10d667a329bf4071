{#- The CTEs `versions` (with_serving) and `segmented`: every row of `counted` counts for each of its
    segments, of which the first are all rows; one without a value for a segment counts not there.
    `counted` has monitor, traffic, metric_date, model_version, is_shadow, segment_values and
    `columns`. -#}
{% macro in_segments(counted, columns) -%}
{%- set key = ['monitor', 'traffic', 'metric_date'] -%}
{{ with_serving(counted, ['segment_values'] + columns, key) }},

segmented as (
    select
        {{ select_columns('versions', key + ['model_version']) }},
        case when exploded.segment_position = 1 then 'overall' else segments.segment_name end
            as segment_name,
        exploded.segment_value,
        {{ select_columns('versions', columns) }}
    from versions
    {{ explode_of('versions.segment_values', 'exploded', 'segment_value', 'segment_position') }}
    left join {{ ref('stg_segments') }} as segments
        on
            versions.monitor = segments.monitor
            and exploded.segment_position = segments.position + 1
    where exploded.segment_value is not null
)
{%- endmacro %}
