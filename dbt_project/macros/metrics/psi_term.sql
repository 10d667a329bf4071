{#- One bin's part of the population stability index, in nats, of smoothed shares: bins empty on
    both sides add nothing. -#}
{% macro psi_term(current_rows, reference_rows, current_total, reference_total, bin_count) -%}
{%- set current_share = smoothed_share(
    current_rows, reference_rows, current_total, reference_total, bin_count) -%}
{%- set reference_share = smoothed_share(
    reference_rows, current_rows, reference_total, current_total, bin_count) -%}
case
    when {{ current_rows }} + {{ reference_rows }} > 0
        then ({{ current_share }} - {{ reference_share }})
            * ln({{ current_share }} / {{ reference_share }})
    else 0
end
{%- endmacro %}
