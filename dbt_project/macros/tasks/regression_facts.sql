{#- See performance_facts. Powers of the label are taken around the mean label of its day: those of
    raw labels cancel. Days are moved to a common centre when they are added up. What is so large or
    so small that its fourth power is no number of every engine does not count, or counts as 0. -#}
{% macro regression_facts() %}
    {% set square = 'error * error' %}
    {% set offset_square = 'label_offset * label_offset' %}
    {{ return({
        'can_be_judged': 'score is not null and abs(label) <= 1e37',
        'measures': [
            {
                'error': zero_if_tiny('(score - label)'),
                'judged_label': zero_if_tiny('label'),
                'label_centre':
                    'avg(case when is_judged then label end) over (partition by metric_date)',
            },
            {
                'label_offset': zero_if_tiny('(label - label_centre)'),
                'percentage_error': 'abs(error) / nullif(abs(judged_label), 0)',
            },
        ],
        'columns': {
            'invalid_scores': '0',
            'score_square_sum': square_sum_of_numbers(),
            'label_centre': 'min(label_centre)',
            'error_sum': 'sum(error)',
            'absolute_error_sum': 'sum(abs(error))',
            'error_square_sum': 'sum(' ~ square ~ ')',
            'error_fourth_sum': 'sum(' ~ square ~ ' * ' ~ square ~ ')',
            'label_offset_sum': 'sum(label_offset)',
            'label_offset_square_sum': 'sum(' ~ offset_square ~ ')',
            'label_offset_cube_sum': 'sum(' ~ offset_square ~ ' * label_offset)',
            'label_offset_fourth_sum': 'sum(' ~ offset_square ~ ' * ' ~ offset_square ~ ')',
            'error_square_offset_sum': 'sum(' ~ square ~ ' * label_offset)',
            'error_square_offset_square_sum': 'sum(' ~ square ~ ' * ' ~ offset_square ~ ')',
            'absolute_label_sum': 'sum(abs(judged_label))',
            'label_square_sum': 'sum(judged_label * judged_label)',
            'absolute_error_label_sum': 'sum(abs(error) * abs(judged_label))',
            'percentage_rows': 'cast(count(percentage_error) as ' ~ type_double() ~ ')',
            'percentage_error_sum': 'sum(percentage_error)',
            'percentage_error_square_sum': 'sum(percentage_error * percentage_error)',
        },
    }) }}
{% endmacro %}


{% macro zero_if_tiny(value) -%}
case when abs({{ value }}) < 1e-37 then 0 else {{ value }} end
{%- endmacro %}


{% macro square_sum_of_numbers() -%}
sum(case when abs(score) >= 1e-37 then score * score end)
{%- endmacro %}
