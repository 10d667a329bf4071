{#- 99th percentile of chi-square, within 1 % from 2 degrees of freedom on. -#}
{% macro chi_square_p99(degrees_of_freedom) -%}
{{ chi_square_quantile(degrees_of_freedom, '2.3263478740408408') }}
{%- endmacro %}
