{{ config(materialized='incremental', incremental_strategy='changed_days', full_refresh=false,
    meta={'days': 'int_days_to_count'}) }}
{#- The mergeable fact: rows per day, segment value, feature and cell. Fine cells and categories are
    counted on the raw rows, the numeric bins of segments come from int_feature_moments_daily. -#}
{%- set days = ref('int_days_to_count') -%}
{%- set reads = day_spans(days, ref('int_repeated_rows')) -%}
{%- set frozen = frozen_bins(days) -%}
with

numeric_overall as (
    select
        cast(null as {{ dbt.type_string() }}) as monitor,
        cast(null as {{ dbt.type_string() }}) as origin,
        cast(null as date) as metric_date,
        cast(null as {{ dbt.type_string() }}) as feature_name,
        cast(null as integer) as cell_id,
        cast(null as bigint) as row_count
    where false
    {% for name, monitor in monitors().items() if not reads[name].is_empty %}
    {% set bins = frozen.get(name, {}) %}
    {% set read = reads[name] %}
    {% for origin in row_origins(monitor) %}
    {% for feature in monitor.numeric %}
    union all
    select
        {{ sql_text(name) }},
        '{{ origin }}',
        metric_date,
        {{ sql_text(feature) }},
        cell_id,
        count(*)
    from (
        select
            metric_date,
            {{ fine_cell('numeric_' ~ loop.index, bins.get(feature, [])) | indent(12) }} as cell_id
        from {{ single_rows(
            name, monitor, origin, ['numeric_' ~ loop.index, 'is_shadow'], read) }} as rows_found
        where not is_shadow
    ) as coded
    group by metric_date, cell_id
    {% endfor %}
    {% endfor %}
    {% endfor %}
),

category_counts as (
    select
        cast(null as {{ dbt.type_string() }}) as monitor,
        cast(null as {{ dbt.type_string() }}) as origin,
        cast(null as date) as metric_date,
        cast(null as {{ dbt.type_string() }}) as segment_name,
        cast(null as {{ dbt.type_string() }}) as segment_value,
        cast(null as {{ dbt.type_string() }}) as feature_name,
        cast(null as {{ dbt.type_string() }}) as category,
        cast(null as bigint) as row_count
    where false
    {% for name, monitor in monitors().items() if not reads[name].is_empty %}
    {% set read = reads[name] %}
    {% set segments = columns_of(monitor, 'segments') %}
    {% for origin in row_origins(monitor) %}
    {% for feature in monitor.categorical %}
    {% set value = 'categorical_' ~ loop.index %}
    union all
    select
        {{ sql_text(name) }},
        '{{ origin }}',
        metric_date,
        {{ grouped_segment_name(monitor) }},
        {{ grouped_segment_value(monitor) }},
        {{ sql_text(feature) }},
        {{ value }},
        count(*)
    from {{ single_rows(name, monitor, origin, [value, 'is_shadow'] + segments, read) }}
        as rows_found
    where not is_shadow
    group by {{ segment_grouping(monitor, ['metric_date', value], not segments) }}
    {% endfor %}
    {% endfor %}
    {% endfor %}
),

-- Where there are segments, all rows are those of the first one's values.
category_counts_of_all as (
    select
        counts.monitor, counts.origin, counts.metric_date, 'overall' as segment_name,
        'all' as segment_value, counts.feature_name, counts.category, counts.row_count
    from category_counts as counts
    inner join {{ ref('stg_segments') }} as segments
        on
            counts.monitor = segments.monitor
            and counts.segment_name = segments.segment_name
            and segments.position = 1
    union all
    select * from category_counts
),

current_bins as (
    select bins.*
    from {{ ref('int_feature_bins') }} as bins
    inner join {{ ref('stg_monitors') }} as monitors
        on bins.monitor = monitors.monitor and bins.bins_version = monitors.bins_version
),

numeric_by_segment as (
    select
        moments.monitor,
        moments.origin,
        moments.metric_date,
        moments.segment_name,
        moments.segment_value,
        moments.feature_name,
        moments.row_count,
        moments.null_count,
        moments.value_count,
        exploded.edge_position,
        cast(exploded.rows_through as bigint) as rows_through
    from {{ ref('int_feature_moments_daily') }} as moments
    {{ explode_of('moments.rows_through_bins', 'exploded', 'rows_through', 'edge_position') }}
    where
        moments.segment_name <> 'overall'
        and {{ in_days_of('moments', reads) | indent(8) }}
),

segment_bins as (
    select
        monitor, origin, metric_date, segment_name, segment_value, feature_name,
        edge_position - 1 as bin_id,
        rows_through - coalesce(lag(rows_through) over (
            partition by monitor, origin, metric_date, segment_name, segment_value, feature_name
            order by edge_position
        ), 0) as row_count
    from numeric_by_segment
    union all
    select
        monitor, origin, metric_date, segment_name, segment_value, feature_name,
        max(edge_position),
        max(value_count) - max(rows_through)
    from numeric_by_segment
    group by monitor, origin, metric_date, segment_name, segment_value, feature_name
),

-- Nulls, values that are not finite, and numbers of a feature whose reference had none.
special_bins as (
    select
        moments.monitor,
        moments.origin,
        moments.metric_date,
        moments.segment_name,
        moments.segment_value,
        moments.feature_name,
        special.bin_id,
        case special.bin_id
            when -1 then moments.null_count
            when -2 then moments.row_count - moments.null_count - moments.value_count
            else moments.value_count
        end as row_count,
        special.bin_id = -3 and exists (
            select 1
            from current_bins as bins
            where
                bins.monitor = moments.monitor
                and bins.feature_name = moments.feature_name
                and bins.bin_kind in ('point', 'interval')
        ) as is_binned
    from {{ ref('int_feature_moments_daily') }} as moments
    inner join {{ ref('stg_features') }} as features
        on
            moments.monitor = features.monitor
            and moments.feature_name = features.feature_name
            and features.feature_kind = 'numeric'
    cross join (values (-1), (-2), (-3)) as special (bin_id)
    where
        moments.segment_name <> 'overall'
        and {{ in_days_of('moments', reads) | indent(8) }}
),

all_counts as (
    select
        monitor, origin, metric_date, 'overall' as segment_name, 'all' as segment_value,
        feature_name, 'fine' as grain, cell_id, row_count
    from numeric_overall
    union all
    select
        monitor, origin, metric_date, segment_name, segment_value, feature_name, 'public',
        bin_id, row_count
    from segment_bins
    union all
    select
        monitor, origin, metric_date, segment_name, segment_value, feature_name, 'public',
        bin_id, row_count
    from special_bins
    where not is_binned
    union all
    select
        counts.monitor,
        counts.origin,
        counts.metric_date,
        counts.segment_name,
        counts.segment_value,
        counts.feature_name,
        case when counts.segment_name = 'overall' then 'fine' else 'public' end,
        case when counts.category is null then -1 else coalesce(bins.bin_id, -3) end,
        counts.row_count
    from category_counts_of_all as counts
    left join current_bins as bins
        on
            counts.monitor = bins.monitor
            and counts.feature_name = bins.feature_name
            and bins.feature_kind = 'categorical'
            and counts.category = bins.category
)

select
    counts.monitor,
    counts.origin,
    counts.metric_date,
    counts.segment_name,
    counts.segment_value,
    cells.bins_version,
    counts.feature_name,
    counts.grain,
    cast(counts.cell_id as integer) as cell_id,
    cells.bin_id,
    cast(sum(counts.row_count) as bigint) as row_count
from all_counts as counts
inner join {{ ref('int_feature_cells') }} as cells
    on
        counts.monitor = cells.monitor
        and counts.feature_name = cells.feature_name
        and counts.grain = cells.grain
        and counts.cell_id = cells.cell_id
where counts.row_count > 0
group by
    counts.monitor, counts.origin, counts.metric_date, counts.segment_name,
    counts.segment_value, cells.bins_version, counts.feature_name, counts.grain, counts.cell_id,
    cells.bin_id
