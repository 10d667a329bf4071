{#- Fails for each combination of the columns that the other relation, which has the same columns,
    does not have. -#}
{% test exists_in(model, columns, to) %}
with

used as (
    select distinct {{ columns | join(', ') }}
    from {{ model }}
)

select {{ select_columns('used', columns) }}
from used
left join {{ to }} as known
    on
        {%- for column in columns %}
        {{ 'and ' if not loop.first }}used.{{ column }} = known.{{ column }}
        {%- endfor %}
where known.{{ columns[0] }} is null
{% endtest %}
