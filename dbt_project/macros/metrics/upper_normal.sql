{#- Chance that a standard normal variable exceeds a score, within 2e-7 of itself: half the
    complementary error function of score / sqrt(2), a Chebyshev fit of Press et al. (1992, 6.2).
    Beyond 37 it is 0, which is where exp has no number for it. -#}
{% macro upper_normal(normal_score) -%}
{%- set size = 'least(abs(' ~ normal_score ~ '), 37)' -%}
{%- set step = '(1 / (1 + ' ~ size ~ ' / 2.8284271247461903e0))' -%}
{%- set fitted = namespace(sum='0.17087277e0') -%}
{%- for coefficient in [
    '-0.82215223e0', '1.48851587e0', '-1.13520398e0', '0.27886807e0', '-0.18628806e0',
    '0.09678418e0', '0.37409196e0', '1.00002368e0', '-1.26551223e0',
] -%}
{%- set fitted.sum = '(' ~ coefficient ~ ' + ' ~ step ~ ' * ' ~ fitted.sum ~ ')' -%}
{%- endfor -%}
{%- set tail -%}
0.5e0 * {{ step }} * exp({{ fitted.sum }} - {{ size }} * {{ size }} / 2)
{%- endset -%}
case
    when {{ normal_score }} > 37 then 0
    when {{ normal_score }} >= 0 then {{ tail }}
    when {{ normal_score }} < 0 then 1 - {{ tail }}
end
{%- endmacro %}
