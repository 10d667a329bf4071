{#- One bin's part of the Jensen-Shannon divergence, in nats, from unsmoothed shares. -#}
{% macro js_term(current_share, reference_share) -%}
case
    when {{ current_share }} > 0
        then 0.5 * {{ current_share }}
            * ln(2 * {{ current_share }} / ({{ current_share }} + {{ reference_share }}))
    else 0
end
+ case
    when {{ reference_share }} > 0
        then 0.5 * {{ reference_share }}
            * ln(2 * {{ reference_share }} / ({{ current_share }} + {{ reference_share }}))
    else 0
end
{%- endmacro %}
