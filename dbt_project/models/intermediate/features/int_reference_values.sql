{#- Values of a feature that has no bins yet, with the rows of its reference that hold them: every
    category, the numbers of int_reference_sample, and the least and the greatest of all numbers. -#}
{%- set days = ref('int_days_of_reference') -%}
{%- set reads = day_spans(days, ref('int_repeated_rows')) -%}
with

counted as (
    select
        cast(null as {{ dbt.type_string() }}) as monitor,
        cast(null as {{ dbt.type_string() }}) as feature_name,
        cast(null as {{ type_double() }}) as numeric_value,
        cast(null as {{ dbt.type_string() }}) as category,
        cast(null as bigint) as row_count
    where false
    {% for name, monitor in monitors().items() if not reads[name].is_empty %}
    {% set origin = 'history' if monitor.history else 'log' %}
    {% set read = reads[name] %}
    {% for feature in monitor.categorical %}
    {% set value = 'categorical_' ~ loop.index %}
    union all
    select
        {{ sql_text(name) }},
        {{ sql_text(feature) }},
        null,
        {{ value }},
        count(*)
    from {{ single_rows(name, monitor, origin, [value, 'is_shadow'], read) }} as served
    where not is_shadow
    group by {{ value }}
    {% endfor %}
    {% endfor %}
),

sampled as (
    select
        sampled_rows.monitor,
        features.feature_name,
        exploded.numeric_value,
        count(*) as row_count
    from {{ ref('int_reference_sample') }} as sampled_rows
    {{ explode_of('sampled_rows.numeric_values', 'exploded', 'numeric_value', 'feature_position') }}
    inner join {{ ref('stg_features') }} as features
        on
            sampled_rows.monitor = features.monitor
            and features.feature_kind = 'numeric'
            and exploded.feature_position = features.position
    group by sampled_rows.monitor, features.feature_name, exploded.numeric_value
),

extremes as (
    select
        cast(null as {{ dbt.type_string() }}) as monitor,
        {{ typed_array([], type_double()) }} as least_values,
        {{ typed_array([], type_double()) }} as greatest_values
    where false
    {% for name, monitor in monitors().items() if monitor.numeric and not reads[name].is_empty %}
    {% set origin = 'history' if monitor.history else 'log' %}
    {% set read = reads[name] %}
    {% set columns = columns_of(monitor, 'numeric') %}
    {% set least_values = [] %}
    {% set greatest_values = [] %}
    {% for value in columns %}
    {% set finite = 'case when ' ~ is_finite(value) ~ ' then ' ~ value ~ ' end' %}
    {% do least_values.append('min(' ~ finite ~ ')') %}
    {% do greatest_values.append('max(' ~ finite ~ ')') %}
    {% endfor %}
    union all
    select
        {{ sql_text(name) }},
        {{ typed_array(least_values, type_double()) }},
        {{ typed_array(greatest_values, type_double()) }}
    from {{ single_rows(name, monitor, origin, columns + ['is_shadow'], read) }} as served
    where not is_shadow
    {% endfor %}
),

-- A value of its own in any case: the sample may have passed it over.
extreme_values as (
    {% for end in ['least_values', 'greatest_values'] %}
    select
        extremes.monitor,
        features.feature_name,
        exploded.numeric_value
    from extremes
    {{ explode_of('extremes.' ~ end, 'exploded', 'numeric_value', 'feature_position') }}
    inner join {{ ref('stg_features') }} as features
        on
            extremes.monitor = features.monitor
            and features.feature_kind = 'numeric'
            and exploded.feature_position = features.position
    where exploded.numeric_value is not null
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

found as (
    select monitor, feature_name, numeric_value, category, row_count
    from counted
    union all
    select monitor, feature_name, numeric_value, cast(null as {{ dbt.type_string() }}), row_count
    from sampled
    union all
    select distinct
        extreme_values.monitor,
        extreme_values.feature_name,
        extreme_values.numeric_value,
        cast(null as {{ dbt.type_string() }}),
        1
    from extreme_values
    where not exists (
        select 1
        from sampled
        where
            sampled.monitor = extreme_values.monitor
            and sampled.feature_name = extreme_values.feature_name
            and sampled.numeric_value = extreme_values.numeric_value
    )
)

select
    found.monitor,
    pending.bins_version,
    found.feature_name,
    pending.feature_kind,
    found.numeric_value,
    found.category,
    cast(found.row_count as bigint) as row_count
from found
inner join {{ ref('int_features_without_bins') }} as pending
    on found.monitor = pending.monitor and found.feature_name = pending.feature_name
