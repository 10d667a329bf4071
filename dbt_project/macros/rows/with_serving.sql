{#- The CTE `versions`: counted rows under their version and, where they answered, once more under
    serving. `counted` has the columns of `key`, model_version and is_shadow. -#}
{% macro with_serving(
    counted, columns, key=['monitor', 'traffic', 'segment_name', 'segment_value', 'metric_date']
) -%}
versions as (
    select
        {{ select_columns(counted, key) }},
        case when counts_for.is_serving then 'serving' else {{ counted }}.model_version end
            as model_version,
        {{ select_columns(counted, columns) }}
    from {{ counted }}
    inner join (values (false), (true)) as counts_for (is_serving)
        on
            not counts_for.is_serving
            or ({{ counted }}.traffic = 'live' and not {{ counted }}.is_shadow)
)
{%- endmacro %}
