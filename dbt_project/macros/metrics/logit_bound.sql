{#- Bound of a value between 0 and 1 from its standard error, symmetric on the logit scale. -#}
{% macro logit_bound(share, standard_error, sign) -%}
case
    when {{ share }} > 0 and {{ share }} < 1
        then 1 / (1 + exp(
            -ln({{ share }} / (1 - {{ share }}))
            - ({{ sign }}) * 1.959963984540054 * {{ standard_error }}
            / ({{ share }} * (1 - {{ share }}))
        ))
end
{%- endmacro %}
