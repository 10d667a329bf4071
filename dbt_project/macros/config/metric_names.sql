{% macro metric_names(task) %}
    {{ return({
        'binary': [
            'accuracy', 'precision', 'recall', 'f1', 'roc_auc', 'gini', 'average_precision',
            'log_loss', 'brier',
        ],
        'regression': ['rmse', 'mae', 'r2', 'mape', 'wape'],
    }.get(task, [])) }}
{% endmacro %}
