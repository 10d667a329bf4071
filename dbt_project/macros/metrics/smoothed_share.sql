{#- Share of a bin in one of two samples, smoothed: half a row per bin is added to each sample,
    shared out in proportion to the pooled counts. On equal-mass bins that is the usual +0.5, and a
    bin empty in both has a share of 0. -#}
{% macro smoothed_share(rows, other_rows, total, other_total, bin_count) -%}
{%- set pooled -%}
({{ ratio(
    '0.5 * ' ~ bin_count ~ ' * (' ~ rows ~ ' + ' ~ other_rows ~ ')', total ~ ' + ' ~ other_total
) }})
{%- endset -%}
(({{ rows }} + {{ pooled }}) / ({{ total }} + 0.5 * {{ bin_count }}))
{%- endmacro %}
