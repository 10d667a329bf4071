{#- The days whose rows are not what they were when they were last built, and why. -#}
{{ changed_since_built(
    ref('int_day_logs'), 'log_fingerprint', source('driftline_state', 'int_begun_days'),
    is_kept='found.is_sealed') }}
