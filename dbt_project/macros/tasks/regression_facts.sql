{#- See performance_facts. Powers of the label are taken around the mean label of its day: those of
    raw labels cancel. Days are moved to a common centre when they are added up. -#}
{% macro regression_facts() %}
    {% set square = 'error * error' %}
    {% set offset_square = 'label_offset * label_offset' %}
    {{ return({
        'can_be_judged': 'score is not null',
        'measures': [
            {
                'error': 'score - label',
                'label_centre':
                    'avg(case when is_judged then label end) over (partition by metric_date)',
            },
            {
                'label_offset': 'label - label_centre',
                'percentage_error': 'abs(error) / nullif(abs(label), 0)',
            },
        ],
        'columns': {
            'invalid_scores': '0',
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
            'absolute_label_sum': 'sum(case when is_judged then abs(label) end)',
            'label_square_sum': 'sum(case when is_judged then label * label end)',
            'absolute_error_label_sum': 'sum(abs(error) * abs(label))',
            'percentage_rows': 'cast(count(percentage_error) as ' ~ type_double() ~ ')',
            'percentage_error_sum': 'sum(percentage_error)',
            'percentage_error_square_sum': 'sum(percentage_error * percentage_error)',
        },
    }) }}
{% endmacro %}
