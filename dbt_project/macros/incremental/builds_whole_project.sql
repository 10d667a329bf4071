{#- Whether this run builds every model that is kept by day. -#}
{% macro builds_whole_project() %}
    {% if not execute %}{{ return(true) }}{% endif %}
    {% for name in models_kept_by_day() + ['int_built_days'] %}
        {% if 'model.driftline.' ~ name not in selected_resources %}{{ return(false) }}{% endif %}
    {% endfor %}
    {{ return(true) }}
{% endmacro %}


{#- The models that are replaced day by day. int_built_days comes after all of them. -#}
{% macro models_kept_by_day() %}
    {{ return([
        'int_repeated_rows', 'int_feature_moments_daily', 'int_feature_histogram_daily',
        'int_performance_daily', 'int_score_histogram_daily', 'int_class_histogram_daily',
        'int_confusion_daily', 'int_label_ages_daily', 'int_loss_by_bin_daily',
        'int_worst_rows_daily', 'int_business_daily', 'int_thresholds_daily',
        'int_prediction_histogram_daily', 'int_feature_distance', 'int_prediction_distance',
        'int_metric_estimates', 'int_metric_window', 'feature_histograms', 'feature_statistics',
        'feature_drift', 'prediction_histograms', 'prediction_statistics', 'prediction_drift',
        'performance', 'calibration', 'calibration_summary', 'int_estimates_from_scores',
        'error_patterns', 'int_feature_split', 'error_percentiles', 'signals', 'int_alert_evidence',
    ]) }}
{% endmacro %}
