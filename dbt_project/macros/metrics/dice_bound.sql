{#- Bound of F1: F1 = 2 J / (1 + J) is a rising function of the share J of true positives among all
    rows that are positive or called so, so Wilson's bound of J maps onto it. -#}
{% macro dice_bound(f1, trials, sign) -%}
{%- set jaccard = '(' ~ f1 ~ ' / (2 - ' ~ f1 ~ '))' -%}
{%- set bound = wilson_bound(jaccard, trials, sign) -%}
2 * ({{ bound }}) / (1 + ({{ bound }}))
{%- endmacro %}
