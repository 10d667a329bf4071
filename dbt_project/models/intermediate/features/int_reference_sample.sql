{#- Rows of the reference that the bins of numbers are cut from. -#}
{%- set days = ref('int_days_of_reference') -%}
{%- set reads = day_spans(days, ref('int_repeated_rows')) -%}
select
    cast(null as {{ dbt.type_string() }}) as monitor,
    {{ typed_array([], type_double()) }} as numeric_values
where false
{% for name, monitor in monitors().items() if monitor.numeric and not reads[name].is_empty %}
{% set origin = 'history' if monitor.history else 'log' %}
{% set read = reads[name] %}
{% set columns = columns_of(monitor, 'numeric') %}
union all
select
    {{ sql_text(name) }},
    {{ typed_array(columns, type_double()) }}
from {{ single_rows(name, monitor, origin, ['row_id', 'is_shadow'] + columns, read) }} as served
where not is_shadow and {{ is_sampled(name, origin, days) }}
{% endfor %}
