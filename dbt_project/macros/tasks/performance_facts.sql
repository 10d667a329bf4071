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
    ] + ranking_sums() + ['correct_rows', 'called_brier_sum']) }}
{% endmacro %}


{#- What the facts of a regression hold beside them, in powers of labels around their day's mean. -#}
{% macro regression_sums() %}
    {{ return(regression_facts().columns.keys() | reject('in', ['invalid_scores', 'score_square_sum']) | list) }}
{% endmacro %}


{#- How a task counts its rows: `can_be_judged` says of a row with a label whether its score can be
    held against it, `measures` names what is computed of each row that is judged, in steps, and
    `columns` the facts over them as SQL; a fact that a task does not name is null for it. -#}
{% macro performance_facts(monitor) %}
    {% if monitor.task == 'binary' %}{{ return(binary_facts(monitor.decision_threshold)) }}{% endif %}
    {% if monitor.task == 'multiclass' %}{{ return(multiclass_facts(monitor)) }}{% endif %}
    {% if monitor.task == 'regression' %}{{ return(regression_facts()) }}{% endif %}
    {{ return({'can_be_judged': 'score is not null', 'measures': [], 'columns': {
        'invalid_scores': '0', 'score_square_sum': square_sum_of_numbers(),
    }}) }}
{% endmacro %}


{#- Whether scores are chances, on the grid of the logit, or numbers on a frozen grid. -#}
{% macro tasks_of_chances() %}
    {{ return(['binary', 'multiclass']) }}
{% endmacro %}
