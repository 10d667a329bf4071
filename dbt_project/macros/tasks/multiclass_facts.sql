{#- See performance_facts. The class called is the one with the greatest score, of equals the first
    of the configuration; scores that do not add up to 1 are no distribution over the classes. -#}
{% macro multiclass_facts(monitor) %}
    {% set classes = columns_of(monitor, 'classes') %}
    {{ return({
        'can_be_judged': scores_add_up(monitor),
        'measures': [
            {'label_score': chosen_class(classes, 'label'), 'called_class': called_class(monitor)},
            {'log_loss': '-ln(greatest(label_score, 2.220446049250313e-16))'},
        ],
        'columns': {
            'invalid_scores': count_where('score is not null and not ' ~ scores_add_up(monitor)),
            'correct_rows':
                'sum(case when is_judged then case when called_class = label then 1 else 0 end end)',
            'judged_score_sum': 'sum(case when is_judged then score end)',
            'judged_score_square_sum': 'sum(case when is_judged then score * score end)',
            'score_label_sum':
                'sum(case when is_judged and called_class = label then score end)',
            'called_brier_sum': 'sum(case when is_judged then '
                ~ 'power(score - case when called_class = label then 1 else 0 end, 2) end)',
            'log_loss_sum': 'sum(log_loss)',
            'log_loss_square_sum': 'sum(log_loss * log_loss)',
        },
    }) }}
{% endmacro %}


{% macro scores_add_up(monitor) -%}
{%- set classes = columns_of(monitor, 'classes') -%}
(
    least({{ classes | join(', ') }}) >= 0
    and greatest({{ classes | join(', ') }}) <= 1
    and abs({{ classes | join(' + ') }} - 1) <= 0.01
)
{%- endmacro %}


{#- The score of the class at a position. -#}
{% macro chosen_class(classes, position) -%}
case {{ position }}
    {%- for column in classes %}
    when {{ loop.index }} then {{ column }}
    {%- endfor %}
end
{%- endmacro %}


{% macro called_class(monitor) -%}
case
    {%- for column in columns_of(monitor, 'classes') %}
    when {{ column }} = score then {{ loop.index }}
    {%- endfor %}
end
{%- endmacro %}


{#- Whether what a score is the chance of came true, 1 or 0, null without a label: of several classes
    that of the class called. -#}
{% macro outcome_of_score(monitor) -%}
{%- if monitor.task == 'multiclass' -%}
case
    when {{ called_class(monitor) }} = label then 1
    when label is not null then 0
end
{%- else -%}
label
{%- endif -%}
{%- endmacro %}


{#- The name of the class at a position. -#}
{% macro name_of_class(monitor, position) -%}
case {{ position }}
    {%- for name in monitor.classes %}
    when {{ loop.index }} then {{ sql_text(name | string) }}
    {%- endfor %}
end
{%- endmacro %}


{#- Number of the window of one class against the rest, apart from those of all rows. -#}
{% macro class_window(window_id, class_position) -%}
-(cast({{ window_id }} as bigint) * {{ most_classes() + 1 }} + {{ class_position }})
{%- endmacro %}


{#- The most classes that any monitor has. -#}
{% macro most_classes() %}
    {% set counts = [0] %}
    {% for monitor in monitors().values() %}
        {% do counts.append(monitor.classes | length) %}
    {% endfor %}
    {{ return(counts | max) }}
{% endmacro %}
