{% macro count_edges_below(edges, value) %}
    {{ return(adapter.dispatch('count_edges_below', 'driftline')(edges, value)) }}
{% endmacro %}

{% macro default__count_edges_below(edges, value) %}
    {{ exceptions.raise_compiler_error(
        "count_edges_below is not written for " ~ target.type
    ) }}
{% endmacro %}

{% macro duckdb__count_edges_below(edges, value) -%}
len(list_filter({{ edges }}, lambda edge: edge < {{ value }}))
{%- endmacro %}

{% macro postgres__count_edges_below(edges, value) -%}
(
    width_bucket({{ value }}, {{ edges }})
    - cardinality(array_positions({{ edges }}, {{ value }}))
)
{%- endmacro %}

{% macro spark__count_edges_below(edges, value) -%}
size(filter({{ edges }}, edge -> edge < {{ value }}))
{%- endmacro %}
