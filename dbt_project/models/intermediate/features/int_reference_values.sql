{#- Every value of a feature that has no bins yet, with the rows of its reference that hold it. -#}
{%- set days = ref('int_days_of_reference') -%}
with

counted as (
    select
        cast(null as {{ dbt.type_string() }}) as monitor,
        cast(null as {{ dbt.type_string() }}) as origin,
        cast(null as {{ dbt.type_string() }}) as feature_name,
        cast(null as {{ type_double() }}) as numeric_value,
        cast(null as {{ dbt.type_string() }}) as category,
        cast(null as bigint) as row_count
    where false
    {% for name, monitor in monitors().items() %}
    {% set origin = 'history' if monitor.history else 'log' %}
    {% set spans = day_spans(days, name) %}
    {% for kind in ['numeric', 'categorical'] %}
    {% for feature in monitor[kind] %}
    {% set value = kind ~ '_' ~ loop.index %}
    union all
    select
        {{ sql_text(name) }},
        '{{ origin }}',
        {{ sql_text(feature) }},
        {{ value if kind == 'numeric' else 'cast(null as ' ~ type_double() ~ ')' }},
        {{ value if kind == 'categorical' else 'cast(null as ' ~ dbt.type_string() ~ ')' }},
        count(*)
    from {{ single_rows(name, monitor, origin, [value, 'is_shadow'], spans) }} as served
    where not is_shadow
    group by {{ value }}
    {% endfor %}
    {% endfor %}
    {% endfor %}
)

select
    counted.monitor,
    pending.bins_version,
    counted.feature_name,
    pending.feature_kind,
    counted.numeric_value,
    counted.category,
    counted.row_count
from counted
inner join {{ ref('int_features_without_bins') }} as pending
    on counted.monitor = pending.monitor and counted.feature_name = pending.feature_name
