{#- How much single days weigh in the window and in a reference that moves with it, of a row of
    `distances`, as the columns day_weight and moving_weight, from the row of int_day_weights
    `weights`. -#}
{% macro day_weights(distances, weights) -%}
{{ weights }}.day_weight,
        case {{ distances }}.reference
            {% for reference in moving_references() %}
            when '{{ reference }}' then {{ weights }}.{{ reference }}_weight
            {% endfor %}
        end as moving_weight
{%- endmacro %}


{#- The references whose days depend on the window. -#}
{% macro moving_references() %}
    {{ return(['previous', 'rolling', 'same_weekday']) }}
{% endmacro %}
