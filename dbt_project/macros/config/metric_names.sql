{% macro metric_names(task) %}
    {{ return({
        'binary': [
            'accuracy', 'precision', 'recall', 'f1', 'roc_auc', 'gini', 'average_precision',
            'log_loss', 'brier',
        ],
        'multiclass': ['accuracy', 'macro_f1', 'macro_roc_auc', 'log_loss'],
        'ranking': ['ndcg', 'map'],
        'regression': ['rmse', 'mae', 'r2', 'mape', 'wape'],
    }.get(task, [])) }}
{% endmacro %}
