{#- Log loss of one row in nats, scores clipped at the machine epsilon as scikit-learn does. -#}
{% macro log_loss_term(score, label) -%}
{%- set epsilon = double_literal('2.220446049250313e-16') -%}
-ln(case
    when {{ label }} = 1 and {{ score }} > {{ epsilon }} then {{ score }}
    when {{ label }} <> 1 and 1 - {{ score }} > {{ epsilon }} then 1 - {{ score }}
    else {{ epsilon }}
end)
{%- endmacro %}
