{#- Area under |gap| across a cell in which the gap between two distribution functions goes
    linearly from one value to the other; two triangles where it changes its sign. -#}
{% macro area_between(gap_before, gap_after, width) -%}
case
    when {{ gap_before }} * {{ gap_after }} >= 0
        then 0.5 * (abs({{ gap_before }}) + abs({{ gap_after }})) * coalesce({{ width }}, 0)
    else
        0.5 * ({{ gap_before }} * {{ gap_before }} + {{ gap_after }} * {{ gap_after }})
        / (abs({{ gap_before }}) + abs({{ gap_after }})) * coalesce({{ width }}, 0)
end
{%- endmacro %}
