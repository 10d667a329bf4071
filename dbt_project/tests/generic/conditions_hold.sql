{#- Fails for each condition that some row breaks, and says how many rows do. All conditions are
    counted in one scan. As in a check constraint, a condition that is null (a value is missing) is
    not broken. -#}
{% test conditions_hold(model, conditions) %}
with

counted as (
    select
        {%- for condition in conditions %}
        count(*) filter (where not ({{ condition }})) as broken_{{ loop.index }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ model }}
)

{% for condition in conditions %}
select {{ sql_text(condition) }} as condition, broken_{{ loop.index }} as broken_rows
from counted
where broken_{{ loop.index }} > 0
{{ 'union all' if not loop.last }}
{%- endfor %}
{% endtest %}
