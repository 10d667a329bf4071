{#- Bound of a share after Wilson (1927); sign is -1 for the lower and 1 for the upper 95 %
    bound. -#}
{% macro wilson_bound(share, trials, sign) -%}
{%- set trials = 'cast(' ~ trials ~ ' as ' ~ type_double() ~ ')' -%}
(
    {{ share }} + 1.920729410347062 / {{ trials }}
    + {{ sign }} * 1.959963984540054
    * sqrt(greatest({{ share }} * (1 - {{ share }}), 0) / {{ trials }}
        + 0.960364705173531 / ({{ trials }} * {{ trials }}))
) / (1 + 3.841458820694124 / {{ trials }})
{%- endmacro %}
