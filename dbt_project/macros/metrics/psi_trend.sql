{#- Tells a jump of the last week from a divergence that creeps up over four weeks. -#}
{% macro psi_trend() -%}
case
    when psi is null or psi_week_before is null then 'unknown'
    when psi - psi_week_before > psi_null_p99 then 'jump'
    when
        psi > psi_week_before
        and psi - psi_month_before > psi_null_p99
        then 'creeping'
    else 'flat'
end
{%- endmacro %}
