{#- Like mixed_precision, with the positives of the cell first. -#}
{% macro best_precision(positives, rows, positives_before, rows_before) -%}
1 + ({{ positives_before }} - {{ rows_before }}) / {{ positives }}
* {{ harmonic_span(rows_before, '(' ~ rows_before ~ ' + ' ~ positives ~ ')') }}
{%- endmacro %}
