{#- What a judged row loses: log loss (nats), of regressions its squared error. -#}
{% macro row_loss(monitor) -%}
{%- if monitor.task == 'binary' -%}
{{ log_loss_term('score', 'label') }}
{%- elif monitor.task == 'multiclass' -%}
{%- set of_label = chosen_class(columns_of(monitor, 'classes'), 'label') -%}
-ln(greatest({{ of_label }}, 2.220446049250313e-16))
{%- else -%}
power({{ zero_if_tiny('(score - label)') }}, 2)
{%- endif -%}
{%- endmacro %}
