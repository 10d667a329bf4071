{#- Smallest true PSI that would exceed its 99 % null quantile with 80 % power: the noncentrality at
    which a noncentral chi-square (normal approximation with its mean and variance) does so, over
    the harmonic size. -#}
{% macro detectable_psi(degrees_of_freedom, inverse_size) -%}
{%- set excess = '(' ~ chi_square_p99(degrees_of_freedom) ~ ' - ' ~ degrees_of_freedom ~ ')' -%}
{{ inverse_size }} * (
    {{ excess }} + 1.41664
    + sqrt(greatest(
        power({{ excess }} + 1.41664, 2) - power({{ excess }}, 2)
        + 1.41664 * {{ degrees_of_freedom }}, 0
    ))
)
{%- endmacro %}
