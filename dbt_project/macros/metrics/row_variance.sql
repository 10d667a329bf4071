{#- Variance of rows around their mean from sum, sum of squares and count; null where it is no more
    than what rounding leaves of equal values. -#}
{% macro row_variance(value_sum, square_sum, row_count) -%}
{%- set mean = ratio(value_sum, row_count) -%}
{%- set mean_square = ratio(square_sum, row_count) -%}
case
    when {{ mean_square }} * (1 - 1e-12) > power({{ mean }}, 2)
        then {{ mean_square }} - power({{ mean }}, 2)
end
{%- endmacro %}
