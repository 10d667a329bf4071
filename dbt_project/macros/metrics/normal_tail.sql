{#- Share of a normal distribution above z, which is 0 or more, within 1.2e-7 of itself: the
    Chebyshev fit of the complementary error function of Press et al. (Numerical Recipes, 6.2).
    Beyond 37 PostgreSQL stops at a number too small for it; `least` knows no null. -#}
{% macro normal_tail(z) -%}
{%- set x = '(least(' ~ z ~ ', 37) / 1.4142135623730951)' -%}
{%- set t = '(1 / (1 + 0.5 * ' ~ x ~ '))' -%}
case
    when {{ z }} is not null then 0.5 * {{ t }} * exp(
        -{{ x }} * {{ x }} - 1.26551223 + {{ t }} * (1.00002368 + {{ t }} * (0.37409196
        + {{ t }} * (0.09678418 + {{ t }} * (-0.18628806 + {{ t }} * (0.27886807
        + {{ t }} * (-1.13520398 + {{ t }} * (1.48851587 + {{ t }} * (-0.82215223
        + {{ t }} * 0.17087277))))))))
    )
end
{%- endmacro %}
