{#- A hash of 64 bits of a row, as a bigint. Spark's own skips nulls, so its JSON, which shows where
    they stand, is hashed with the values. -#}
{% macro row_hash(expressions) %}
    {{ return(adapter.dispatch('row_hash', 'driftline')(expressions)) }}
{% endmacro %}

{% macro default__row_hash(expressions) %}
    {{ exceptions.raise_compiler_error("row_hash is not written for " ~ target.type) }}
{% endmacro %}

{% macro duckdb__row_hash(expressions) -%}
cast(cast(hash({{ expressions | join(', ') }}) as hugeint) - 9223372036854775808 as bigint)
{%- endmacro %}

{% macro postgres__row_hash(expressions) -%}
hash_record_extended(row({{ expressions | join(', ') }}), 0)
{%- endmacro %}

{% macro spark__row_hash(expressions) -%}
xxhash64(
    {{ expressions | join(', ') }},
    to_json(struct({{ expressions | join(', ') }}), map('ignoreNullFields', 'false'))
)
{%- endmacro %}
