{#- Cell of an error with its sign, logarithmic in units of `scale`: a column that the query has.
    Errors that are under a ten thousand millionth of it are in cell 0. -#}
{% macro residual_cell(error, cells_per_decade) -%}
{%- set size = 'least(abs(' ~ error ~ ') / scale, 1e100)' -%}
case
    when {{ size }} < 1e-10 then 0
    else cast(sign({{ error }}) * (
        {{ 1 + 10 * cells_per_decade }}
        + floor({{ cells_per_decade }} * (ln(greatest({{ size }}, 1e-100)) / ln(10)))
    ) as integer)
end
{%- endmacro %}


{#- The size of an error at which such a cell begins, seen from 0, in units of the scale. -#}
{% macro residual_cell_bound(cell, cells_per_decade) -%}
case
    when {{ cell }} <= 0 then 0
    else power(
        cast(10 as {{ type_double() }}),
        {{ ratio(cell ~ ' - ' ~ (1 + 10 * cells_per_decade), cells_per_decade) }}
    )
end
{%- endmacro %}
