{#- Bound of a positive mean from its standard error, symmetric on the logarithm: losses are skewed
    to the right. A mean within 1e90, times e to the 500, is a number of every engine. -#}
{% macro log_bound(mean, standard_error, sign) -%}
case
    when {{ mean }} > 0 and {{ standard_error }} is not null
        then {{ mean }} * exp(
            {{ sign }} * least(1.959963984540054 * {{ standard_error }} / {{ mean }}, 500)
        )
end
{%- endmacro %}
