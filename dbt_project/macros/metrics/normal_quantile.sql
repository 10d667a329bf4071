{#- The normal value that a share p of at most one half lies above, within 4.5e-4 (Hastings 1955;
    Abramowitz and Stegun 1964, 26.2.23). -#}
{% macro normal_quantile_above(p) -%}
{%- set t = 'sqrt(-2 * ln(' ~ p ~ '))' -%}
(
    {{ t }} - (2.515517 + {{ t }} * (0.802853 + {{ t }} * 0.010328))
    / (1 + {{ t }} * (1.432788 + {{ t }} * (0.189269 + {{ t }} * 0.001308)))
)
{%- endmacro %}
