{#- How much more days vary than independent rows would have them, at least 1: the sum of squares of
    what days pull over its expectation. Under seven days there is nothing to learn it from. -#}
{% macro rate_design_effect(pull, variance, days) -%}
case
    when {{ days }} >= 7 and {{ pull }} > {{ variance }} and {{ variance }} > 0
        then {{ pull }} / {{ variance }}
    else 1
end
{%- endmacro %}


{#- What the number of rows is divided by: the design effect, and Student's quantile for the part of
    it that is known from few days (Satterthwaite 1946). -#}
{% macro rate_widening(design_effect, days) -%}
{{ design_effect }} * power({{ t_over_z(
    'power(1 - 1 / ' ~ design_effect ~ ', 2) / greatest(' ~ days ~ ' - 1, 1)'
) }}, 2)
{%- endmacro %}
