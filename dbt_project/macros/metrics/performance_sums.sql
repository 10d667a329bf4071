{#- The mergeable columns of performance facts: what daily facts hold and windows add up. -#}
{% macro performance_counts() %}
    {{ return([
        'row_count', 'answered_rows', 'null_scores', 'invalid_scores', 'known_labels',
        'labeled_rows', 'positive_rows', 'true_positives', 'false_positives', 'false_negatives',
    ]) }}
{% endmacro %}


{% macro performance_sums() %}
    {{ return([
        'score_sum', 'score_square_sum', 'judged_score_sum', 'judged_score_square_sum',
        'score_label_sum', 'log_loss_sum', 'log_loss_square_sum', 'brier_sum',
        'brier_square_sum',
    ]) }}
{% endmacro %}
