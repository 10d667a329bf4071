{#- PSI, Jensen-Shannon divergence and chi-square on public bins, as CTEs of
    distribution_distances, the last one bin_distances. -#}
{% macro bin_distances(compared, grain_columns, references) %}
{%- set grain = grain_columns | join(', ') -%}
-- Sums of whole numbers are wide or exact types, which are slow to divide: from here on doubles.
binned as (
    select
        {{ grain }}, bin_id,
        cast(sum(current_rows) as {{ type_double() }}) as current_rows,
        {% for reference in references %}
        cast(sum({{ reference }}_rows) as {{ type_double() }}) as {{ reference }}_rows
        {{- ',' if not loop.last }}
        {% endfor %}
    from {{ compared }}
    group by {{ grain }}, bin_id
),

bin_totals as (
    select
        {{ grain }},
        sum(current_rows) as current_total,
        {% for reference in references %}
        sum({{ reference }}_rows) as {{ reference }}_total,
        cast(sum(case when current_rows + {{ reference }}_rows > 0 then 1 else 0 end)
            as {{ type_double() }}) as {{ reference }}_bins{{ ',' if not loop.last }}
        {% endfor %}
    from binned
    group by {{ grain }}
),

bin_distances as (
    select
        {{ select_columns('binned', grain_columns) }},
        max(current_total) as current_total,
        {% for reference in references %}
        max({{ reference }}_total) as {{ reference }}_total,
        max({{ reference }}_bins) as {{ reference }}_bins,
        sum(case when current_total > 0 and {{ reference }}_total > 0 then {{ psi_term(
            'current_rows', reference ~ '_rows', 'current_total', reference ~ '_total',
            reference ~ '_bins') }} end) as {{ reference }}_psi,
        sum(case when current_total > 0 and {{ reference }}_total > 0 then {{ js_term(
            '(' ~ ratio('current_rows', 'current_total') ~ ')',
            '(' ~ ratio(reference ~ '_rows', reference ~ '_total') ~ ')') }} end)
            as {{ reference }}_js,
        sum(case when current_total > 0 and {{ reference }}_total > 0 then {{ chi_square_term(
            'current_rows', reference ~ '_rows', 'current_total', reference ~ '_total') }} end)
            as {{ reference }}_chi_square{{ ',' if not loop.last }}
        {% endfor %}
    from binned
    inner join bin_totals
        on {{ same_columns('binned', 'bin_totals', grain_columns) }}
    group by {{ select_columns('binned', grain_columns) }}
)
{%- endmacro %}
