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


{#- The same of an amount of any size: what is beyond 1e18 is left out. -#}
{% macro amount_sum(value) -%}
sum(case when abs({{ value }}) <= 1e18 then cast(round({{ value }} * 1e9) as decimal(38, 0)) end)
{%- endmacro %}


{#- The first 32 characters of a day's fingerprint: an md5 of what its other facts depend on ... -#}
{% macro core_part(fingerprint) -%}
substring({{ fingerprint }}, 1, 32)
{%- endmacro %}


{#- ... and the rest, empty without business metrics, of what these alone depend on. -#}
{% macro business_part(fingerprint) -%}
substring({{ fingerprint }}, 33)
{%- endmacro %}
