{#- Distances between a window and its references from counted cells, as the CTE `distances`: PSI and
    Jensen-Shannon on public bins, KS and the area between the distribution functions on ordered cells.
    `compared` names a CTE with the grain's columns, cell_id, bin_id, bin_kind, cell_width, is_ordered,
    current_rows and a column of rows per reference. -#}
{% macro distribution_distances(compared, grain_columns) %}
{%- set grain = grain_columns | join(', ') -%}
{%- set references = ['training', 'stable', 'rolling', 'previous'] -%}
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
            as {{ reference }}_js{{ ',' if not loop.last }}
        {% endfor %}
    from binned
    inner join bin_totals
        on {{ same_columns('binned', 'bin_totals', grain_columns) }}
    group by {{ select_columns('binned', grain_columns) }}
),

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
),

distances as (
    {% for reference in references %}
    select
        {{ select_columns('bins', grain_columns) }},
        '{{ reference }}' as reference,
        cast(bins.current_total as bigint) as current_rows,
        cast(bins.{{ reference }}_total as bigint) as reference_rows,
        cast(bins.{{ reference }}_bins as integer) as bin_count,
        bins.{{ reference }}_psi as psi,
        case
            when bins.{{ reference }}_js is not null
                then sqrt(greatest(bins.{{ reference }}_js, 0))
        end as js_distance,
        cells.{{ reference }}_ks as ks,
        cells.{{ reference }}_ks_error as ks_error_bound,
        cells.{{ reference }}_area as area_between
    from bin_distances as bins
    left join cell_distances as cells
        on {{ same_columns('bins', 'cells', grain_columns) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
)
{% endmacro %}


{#- What distances have beside the grain. -#}
{% macro distance_columns() %}
    {{ return([
        'reference', 'current_rows', 'reference_rows', 'bin_count', 'psi', 'js_distance', 'ks',
        'ks_error_bound', 'area_between',
    ]) }}
{% endmacro %}
