{#- Bound of a positive mean from its standard error, symmetric on the logarithm: losses are skewed
    to the right. Beyond 700 PostgreSQL stops at a number too large or too small for it. -#}
{% macro log_bound(mean, standard_error, sign) -%}
case
    when {{ mean }} > 0 and {{ standard_error }} is not null
        then {{ mean }} * exp(
            {{ sign }} * least(1.959963984540054 * {{ standard_error }} / {{ mean }}, 700)
        )
end
{%- endmacro %}
