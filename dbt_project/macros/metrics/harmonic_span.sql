{#- 1 / (before + 1) + ... + 1 / through for whole numbers, within 5e-6: Euler and Maclaurin's
    expansion, two terms further on, where it is exact enough for small numbers too. -#}
{% macro harmonic_span(before, through) -%}
(
    ln(({{ through }} + 2.5) / ({{ before }} + 2.5))
    {%- for number, sign in [(before, '+'), (through, '-')] %}
    {{ sign }} 1 / ({{ number }} + 1) {{ sign }} 1 / ({{ number }} + 2)
    {{ '-' if sign == '+' else '+' }} 1 / (24 * power({{ number }} + 2.5, 2))
    {{ sign }} 7 / (960 * power({{ number }} + 2.5, 4))
    {{ '-' if sign == '+' else '+' }} 31 / (8064 * power({{ number }} + 2.5, 6))
    {%- endfor %}
)
{%- endmacro %}
