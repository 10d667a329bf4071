{#- The values as one text, nulls as nothing. -#}
{% macro text_of(values) %}
    {% set parts = [] %}
    {% for value in values %}
        {% do parts.append("coalesce(cast(" ~ value ~ " as " ~ dbt.type_string() ~ "), '')") %}
    {% endfor %}
    {{ return(parts | join(" || '|' || ")) }}
{% endmacro %}


{#- Sum of a number in billionths as a whole number: the same in whatever order rows are added.
    Values beyond a million, and what is not finite, are left out. -#}
{% macro whole_sum(value) -%}
sum(case
    when {{ value }} between -1000000 and 1000000
        then cast(round({{ value }} * 1000000000) as bigint)
end)
{%- endmacro %}
