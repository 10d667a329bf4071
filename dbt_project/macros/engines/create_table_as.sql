{#- PostgreSQL knows nothing of a table that has just been filled until it is analyzed, and without
    joins by the million rows become nested loops. -#}
{% macro postgres__create_table_as(temporary, relation, sql) -%}
{{ dbt.postgres__create_table_as(temporary, relation, sql) }}
analyze {{ relation }};
{%- endmacro %}
