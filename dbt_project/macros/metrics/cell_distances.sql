{#- KS and the area between the distribution functions on ordered cells, as CTEs of
    distribution_distances, the last one cell_distances. -#}
{% macro cell_distances(compared, grain_columns, references) %}
{%- set grain = grain_columns | join(', ') -%}
ordered_cells as (
    select
        {{ grain }}, cell_id, bin_kind, cell_width,
        cast(current_rows as {{ type_double() }}) as current_rows,
        {% for reference in references %}
        cast({{ reference }}_rows as {{ type_double() }}) as {{ reference }}_rows
        {{- ',' if not loop.last }}
        {% endfor %}
    from {{ compared }}
    where is_ordered
),

cell_totals as (
    select
        {{ grain }},
        sum(current_rows) as current_total,
        {% for reference in references %}
        sum({{ reference }}_rows) as {{ reference }}_total{{ ',' if not loop.last }}
        {% endfor %}
    from ordered_cells
    group by {{ grain }}
),

running_cells as (
    select
        *,
        {% for reference in references %}
        sum({{ reference }}_rows) over cell_order as {{ reference }}_through,
        {% endfor %}
        sum(current_rows) over cell_order as current_through
    from ordered_cells
    window
        cell_order as (
            partition by {{ grain }} order by cell_id
            rows between unbounded preceding and current row
        )
),

cell_gaps as (
    select
        {{ select_columns('running_cells', grain_columns) }},
        bin_kind, cell_width,
        {% for reference in references %}
        {{ ratio('current_through', 'current_total') }}
        - {{ ratio(reference ~ '_through', reference ~ '_total') }} as {{ reference }}_gap,
        {{ ratio('(current_through - current_rows)', 'current_total') }}
        - {{ ratio('(' ~ reference ~ '_through - ' ~ reference ~ '_rows)', reference ~ '_total') }}
            as {{ reference }}_gap_before,
        case
            when current_total = 0 or {{ reference }}_total = 0 then null
            when bin_kind = 'point' then 0
            else least(
                {{ ratio('current_rows', 'current_total') }},
                {{ ratio(reference ~ '_rows', reference ~ '_total') }}
            )
        end as {{ reference }}_shared{{ ',' if not loop.last }}
        {% endfor %}
    from running_cells
    inner join cell_totals
        on {{ same_columns('running_cells', 'cell_totals', grain_columns) }}
),

cell_distances as (
    select
        {{ grain }},
        {% for reference in references %}
        max(abs({{ reference }}_gap)) as {{ reference }}_ks,
        max({{ reference }}_shared) as {{ reference }}_ks_error,
        sum({{ area_between(reference ~ '_gap_before', reference ~ '_gap', 'cell_width') }})
            as {{ reference }}_area{{ ',' if not loop.last }}
        {% endfor %}
    from cell_gaps
    group by {{ grain }}
)
{%- endmacro %}
