{#- What a row more on each day of a window adds to its variance, as a share of that of independent
    rows, from columns behind a prefix: pull_square, pull_variance, pull_of_days, effective_days.
    Independent rows have a ratio of 1 with variance 2 / days. Half of what chance gives is taken
    off: all of it would hide modest effects, none of it widen every interval (see the
    simulation). -#}
{% macro day_excess(prefix='') -%}
case
    when {{ prefix }}pull_square > {{ prefix }}pull_variance and {{ prefix }}pull_of_days > 0
        then ({{ prefix }}pull_square - {{ prefix }}pull_variance) / {{ prefix }}pull_of_days
            * greatest(
                1 - 1 / {{ prefix }}effective_days
                / power({{ prefix }}pull_square / {{ prefix }}pull_variance - 1, 2), 0
            )
    else 0
end
{%- endmacro %}
