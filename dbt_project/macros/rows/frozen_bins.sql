{#- The inner bins of numeric features, of the monitors in `days`, as {monitor: {feature: [{bin_id,
    is_point, lower, upper}]}}, bounds as exact literals: counting against literals is several times
    faster than against edges that are joined in, and frozen bins never change. -#}
{% macro frozen_bins(days) %}
    {% set relation = ref('int_feature_bins') %}
    {% set versions = ref('stg_monitors') %}
    {% set bins = {} %}
    {% if execute and load_relation(relation) is not none and load_relation(days) is not none %}
        {% set text = dbt.type_string() %}
        {% set found = run_query(
            "select bins.monitor, bins.feature_name, bins.bin_id, bins.bin_kind, "
            ~ "'x' || cast(bins.lower_bound as " ~ text ~ ") as lower_text, "
            ~ "'x' || cast(bins.upper_bound as " ~ text ~ ") as upper_text "
            ~ "from " ~ relation ~ " as bins inner join " ~ versions ~ " as versions "
            ~ "on bins.monitor = versions.monitor and bins.bins_version = versions.bins_version "
            ~ "where bins.feature_kind = 'numeric' and bins.bin_kind in ('point', 'interval') "
            ~ "and bins.monitor in (select monitor from " ~ days ~ ") "
            ~ "order by bins.monitor, bins.feature_name, bins.bin_id") %}
        {% for row in found.rows %}
            {% do bins.setdefault(row[0], {}).setdefault(row[1], []).append({
                'bin_id': row[2] | int,
                'is_point': row[3] == 'point',
                'lower': row[4][1:],
                'upper': row[5][1:],
            }) %}
        {% endfor %}
    {% endif %}
    {{ return(bins) }}
{% endmacro %}


{#- What a value must satisfy to lie in a bin or below it. -#}
{% macro is_through_bin(value, bin, is_last) -%}
{{ value }} {{ '<=' if bin.is_point or is_last else '<' }} {{ double_literal(bin.upper) }}
{%- endmacro %}


{#- The fine cell of a value: its public bin and the tenth of that bin's width. -#}
{% macro fine_cell(value, bins) -%}
{{ cell_among(value, bins, 10) }}
{%- endmacro %}


{#- The public bin of a value. -#}
{% macro public_bin(value, bins) -%}
{{ cell_among(value, bins, 1) }}
{%- endmacro %}


{#- The cell of a value where each bin has so many, 10 or 1. -#}
{% macro cell_among(value, bins, parts) -%}
cast(floor(case
    {% if bins %}
    when
        {{ value }} >= {{ double_literal(bins[0].lower) }}
        and {{ value }} <= {{ double_literal(bins[-1].upper) }}
        then {{ place_in_bins(value, bins, parts) }}
    {% endif %}
    when {{ value }} is null then -1
    when not {{ is_finite(value) }} then -2
    {% if bins %}
    when {{ value }} < {{ double_literal(bins[0].lower) }} then 0
    else {{ bins[-1].bin_id * parts + parts }}
    {% else %}
    else -3
    {% endif %}
end) as integer)
{%- endmacro %}


{#- The cell, with a fraction, of a value that lies in one of the bins. Bins are found by halving
    them: a chain of comparisons is half as fast. Inside a bin the factor is a hair below ten and
    the shift nearly makes up for it: a value at a tenth lies in the cell that begins there, and
    rounding lifts no value out of its bin, without a limit that would cost as much as the rest. -#}
{% macro place_in_bins(value, bins, parts) -%}
{%- if bins | length > 1 -%}
{%- set half = bins | length // 2 -%}
case
    when {{ is_through_bin(value, bins[half - 1], false) }}
        then {{ place_in_bins(value, bins[:half], parts) }}
    else {{ place_in_bins(value, bins[half:], parts) }}
end
{%- elif parts == 1 or bins[0].is_point or bins[0].lower == bins[0].upper -%}
{{ bins[0].bin_id * parts }}
{%- else -%}
{%- set lower, upper = double_literal(bins[0].lower), double_literal(bins[0].upper) -%}
{{ double_literal(bins[0].bin_id * 10 ~ '.000000000095') }}
+ ({{ value }} - {{ lower }}) * ({{ double_literal('9.9999999999') }} / ({{ upper }} - {{ lower }}))
{%- endif -%}
{%- endmacro %}
