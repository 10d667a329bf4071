{#- Distances between a window and its references from counted cells, as the CTE `distances`: PSI,
    Jensen-Shannon and chi-square on public bins, KS and the area between the distribution functions
    on ordered cells. `compared` names a CTE with the grain's columns, cell_id, bin_id, bin_kind,
    cell_width, is_ordered, current_rows and a column of rows per reference. References in `on_bins`
    are compared on bins alone, and only where they have rows. -#}
{% macro distribution_distances(compared, grain_columns, on_bins=[]) %}
{%- set references = ['training', 'stable', 'rolling', 'previous'] -%}
{{ bin_distances(compared, grain_columns, references + on_bins) }},

{{ cell_distances(compared, grain_columns, references) }},

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
        cells.{{ reference }}_area as area_between,
        bins.{{ reference }}_chi_square as chi_square
    from bin_distances as bins
    left join cell_distances as cells
        on {{ same_columns('bins', 'cells', grain_columns) }}
    {{ 'union all' if on_bins or not loop.last }}
    {% endfor %}
    {% for reference in on_bins %}
    select
        {{ select_columns('bins', grain_columns) }},
        '{{ reference }}',
        cast(bins.current_total as bigint),
        cast(bins.{{ reference }}_total as bigint),
        cast(bins.{{ reference }}_bins as integer),
        bins.{{ reference }}_psi,
        sqrt(greatest(bins.{{ reference }}_js, 0)),
        null,
        null,
        null,
        bins.{{ reference }}_chi_square
    from bin_distances as bins
    where bins.current_total > 0 and bins.{{ reference }}_total > 0
    {{ 'union all' if not loop.last }}
    {% endfor %}
)
{% endmacro %}


{#- What distances have beside the grain. -#}
{% macro distance_columns() %}
    {{ return([
        'reference', 'current_rows', 'reference_rows', 'bin_count', 'psi', 'js_distance', 'ks',
        'ks_error_bound', 'area_between', 'chi_square',
    ]) }}
{% endmacro %}
