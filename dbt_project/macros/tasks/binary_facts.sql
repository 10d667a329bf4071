{#- See performance_facts. -#}
{% macro binary_facts(decision_threshold) %}
    {% set is_called = 'score >= ' ~ decision_threshold %}
    {{ return({
        'can_be_judged': 'score between 0 and 1',
        'measures': [{
            'log_loss': log_loss_term('score', 'label'),
            'squared_error': '(score - label) * (score - label)',
        }],
        'columns': {
            'invalid_scores': count_where('score not between 0 and 1'),
            'called_rows': count_where('score between 0 and 1 and ' ~ is_called),
            'positive_rows': count_where('is_judged and label = 1'),
            'true_positives': count_where('is_judged and label = 1 and ' ~ is_called),
            'false_positives': count_where('is_judged and label = 0 and ' ~ is_called),
            'false_negatives': count_where(
                'is_judged and label = 1 and score < ' ~ decision_threshold
            ),
            'judged_score_sum': 'sum(case when is_judged then score end)',
            'judged_score_square_sum': 'sum(case when is_judged then score * score end)',
            'score_label_sum': 'sum(case when is_judged then score * label end)',
            'log_loss_sum': 'sum(log_loss)',
            'log_loss_square_sum': 'sum(log_loss * log_loss)',
            'brier_sum': 'sum(squared_error)',
            'brier_square_sum': 'sum(squared_error * squared_error)',
        },
    }) }}
{% endmacro %}
