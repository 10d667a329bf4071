{#- Sum of hashes as text: the same in whatever order the rows come, and too wide to overflow. -#}
{% macro hash_sum(hash) %}
    {{ return(adapter.dispatch('hash_sum', 'driftline')(hash)) }}
{% endmacro %}

{% macro default__hash_sum(hash) %}
    {{ exceptions.raise_compiler_error("hash_sum is not written for " ~ target.type) }}
{% endmacro %}

{% macro spark__hash_sum(hash) -%}
cast(sum(cast({{ hash }} as decimal(28, 0))) as string)
{%- endmacro %}

{% macro duckdb__hash_sum(hash) -%}
cast(sum({{ hash }}) as varchar)
{%- endmacro %}

{% macro postgres__hash_sum(hash) -%}
cast(sum({{ hash }}) as text)
{%- endmacro %}
