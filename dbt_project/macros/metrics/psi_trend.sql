{#- Tells a jump of the last week from a divergence that creeps up over four weeks. -#}
{% macro psi_trend() -%}
case
    when judged.psi is null or judged.psi_week_before is null then 'unknown'
    when judged.psi - judged.psi_week_before > judged.psi_null_p99 then 'jump'
    when
        judged.psi > judged.psi_week_before
        and judged.psi - judged.psi_month_before > judged.psi_null_p99
        then 'creeping'
    else 'flat'
end
{%- endmacro %}
