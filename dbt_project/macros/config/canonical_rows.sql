{#- Rows of one relation ('log' or 'history') of a monitor in the columns of stg_inferences. -#}
{% macro canonical_rows(name, monitor, origin) %}
{%- set canonical = canonical_columns(monitor, origin) -%}
{%- set arrays = {} -%}
{%- for kind in ['numeric', 'categorical', 'segments', 'classes', 'numerators',
    'denominators'] -%}
    {%- set expressions = [] -%}
    {%- for column in columns_of(monitor, kind) -%}
        {%- do expressions.append(canonical[column]) -%}
    {%- endfor -%}
    {%- do arrays.update({kind: expressions}) -%}
{%- endfor -%}
select
    {{ sql_text(name) }},
    '{{ origin }}',
    cast({{ canonical.row_id }} as {{ dbt.type_string() }}),
    {% for column in ['entity_id', 'predicted_at', 'loaded_at', 'model_version', 'is_shadow',
        'score', 'logged_label', 'logged_labeled_at'] %}
    {{ canonical[column] }},
    {% endfor %}
    {{ typed_array(arrays.numeric, type_double()) }},
    {{ typed_array(arrays.categorical, dbt.type_string()) }},
    {{ typed_array(arrays.segments, dbt.type_string()) }},
    {{ typed_array(arrays.classes, type_double()) }},
    {{ canonical.get('query_id', 'cast(null as ' ~ dbt.type_string() ~ ')') }},
    {{ typed_array(arrays.numerators, type_double()) }},
    {{ typed_array(arrays.denominators, type_double()) }}
from {{ configured_relation(row_origins(monitor)[origin]) }}
where {{ monitor.filter }}
{% endmacro %}
