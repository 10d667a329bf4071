{#- The order of rows of int_logged_rows that one id has on one day for one version: the first of them
    counts, the one loaded last. The content decides the rest. -#}
{% macro loaded_last_first() -%}
loaded_at desc, is_shadow, score desc nulls last, predicted_at desc, numeric_values desc,
categorical_values desc
{%- endmacro %}
