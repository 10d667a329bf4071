{#- One bin's part of the population stability index, in nats. Half a row per bin is added to each
    side, shared out in proportion to the pooled counts: on equal-mass bins that is the usual +0.5,
    and bins empty on both sides add nothing. -#}
{% macro psi_term(current_rows, reference_rows, current_total, reference_total, bin_count) -%}
{%- set pooled -%}
({{ ratio(
    '0.5 * ' ~ bin_count ~ ' * (' ~ current_rows ~ ' + ' ~ reference_rows ~ ')',
    current_total ~ ' + ' ~ reference_total
) }})
{%- endset -%}
{%- set current_share -%}
(({{ current_rows }} + {{ pooled }}) / ({{ current_total }} + 0.5 * {{ bin_count }}))
{%- endset -%}
{%- set reference_share -%}
(({{ reference_rows }} + {{ pooled }}) / ({{ reference_total }} + 0.5 * {{ bin_count }}))
{%- endset -%}
case
    when {{ current_rows }} + {{ reference_rows }} > 0
        then ({{ current_share }} - {{ reference_share }})
            * ln({{ current_share }} / {{ reference_share }})
    else 0
end
{%- endmacro %}
