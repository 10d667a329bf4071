{#- Bound of a value between 0 and 1 from its standard error, symmetric on the logit scale. Beyond
    700 PostgreSQL stops at a number too large or too small for it. -#}
{% macro logit_bound(share, standard_error, sign) -%}
case
    when {{ share }} > 0 and {{ share }} < 1 and {{ standard_error }} is not null
        then 1 / (1 + exp(least(greatest(
            -ln({{ share }} / (1 - {{ share }}))
            - ({{ sign }}) * 1.959963984540054 * {{ standard_error }}
            / ({{ share }} * (1 - {{ share }})),
        -700), 700)))
end
{%- endmacro %}
