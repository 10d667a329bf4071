{#- The days whose inputs are not what they were when their marts were last built, and why. -#}
{{ changed_since_built(
    ref('int_day_inputs'), 'marts_fingerprint', source('driftline_state', 'int_begun_marts')) }}
