{#- Mean over the positives of a cell of the share of positives among rows as high, when the rows
    inside come in random order (McSherry and Najork 2008). Numbers are doubles. -#}
{% macro mixed_precision(positives, rows, positives_before, rows_before) -%}
{%- set next = '(' ~ positives ~ ' - 1) / (' ~ rows ~ ' - 1)' -%}
case
    when {{ rows }} = 1 then ({{ positives_before }} + 1) / ({{ rows_before }} + 1)
    else {{ next }}
        + ({{ positives_before }} + 1 - {{ next }} * ({{ rows_before }} + 1)) / {{ rows }}
        * {{ harmonic_span(rows_before, '(' ~ rows_before ~ ' + ' ~ rows ~ ')') }}
end
{%- endmacro %}
