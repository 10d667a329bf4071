{#- Log loss of one row in nats, scores clipped at the machine epsilon as scikit-learn does. -#}
{% macro log_loss_term(score, label) -%}
-case
    when {{ label }} = 1 then ln(greatest({{ score }}, 2.220446049250313e-16))
    else ln(greatest(1 - {{ score }}, 2.220446049250313e-16))
end
{%- endmacro %}
