{#- A PSI counts only above its threshold and with evidence: above what an unchanged distribution
    shows in one of a hundred windows, and what else `has_evidence` asks for. Too few rows, or a
    window longer than the log, say nothing. -#}
{% macro psi_status(has_evidence) -%}
case
    when not has_enough_rows then 'insufficient_data'
    when not ({{ has_evidence }}) then 'ok'
    when psi >= threshold_red then 'red'
    when psi >= threshold_yellow then 'yellow'
    else 'ok'
end
{%- endmacro %}


{#- Whether a PSI can be judged at all, from the relations judged and thresholds. -#}
{% macro has_enough_rows() -%}
case
    when
        judged.psi is null
        or not judged.is_whole_window
        or least(judged.current_rows, judged.reference_rows) < thresholds.min_rows
        then false
    else true
end
{%- endmacro %}
