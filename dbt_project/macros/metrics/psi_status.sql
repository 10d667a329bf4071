{#- A PSI counts only above its threshold and above what an unchanged distribution shows in one of a
    hundred windows; too few rows, or a window longer than the log, say nothing. -#}
{% macro psi_status() -%}
case
    when
        judged.psi is null
        or not judged.is_whole_window
        or least(judged.current_rows, judged.reference_rows) < thresholds.min_rows
        then 'insufficient_data'
    when judged.psi <= judged.psi_null_p99 then 'ok'
    when judged.psi >= thresholds.threshold_red then 'red'
    when judged.psi >= thresholds.threshold_yellow then 'yellow'
    else 'ok'
end
{%- endmacro %}
