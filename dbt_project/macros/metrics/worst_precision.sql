{#- Like mixed_precision, with the negatives of the cell first. -#}
{% macro worst_precision(positives, rows, positives_before, rows_before) -%}
{%- set first = '(' ~ rows_before ~ ' + ' ~ rows ~ ' - ' ~ positives ~ ')' -%}
1 + ({{ positives_before }} - {{ first }}) / {{ positives }}
* {{ harmonic_span(first, '(' ~ rows_before ~ ' + ' ~ rows ~ ')') }}
{%- endmacro %}
