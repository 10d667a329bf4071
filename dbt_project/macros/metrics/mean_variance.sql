{#- Variance of the mean loss of a pattern, rows taken as independent, from the columns
    labeled_rows, loss_sum and loss_square_sum behind a prefix; null where all rows lose the same,
    of which rounding may leave a little. -#}
{% macro mean_variance(prefix='') -%}
{{ variance_of_mean(
    prefix ~ 'loss_sum', prefix ~ 'loss_square_sum', prefix ~ 'labeled_rows') }}
{%- endmacro %}


{#- Variance of the gap between that mean and the one of all rows, of which the pattern is a part:
    that of two means that each vary for themselves, or that of a random draw from all rows, if it
    is larger. A few rows that lose very much make the mean and its variance alike: without one of
    them a pattern would seem to be surely better. -#}
{% macro gap_variance(prefix='') -%}
{%- set others = {} -%}
{%- for column in ['loss_sum', 'loss_square_sum', 'labeled_rows'] -%}
{%- do others.update({column: '(' ~ prefix ~ 'all_' ~ column ~ ' - ' ~ prefix ~ column ~ ')'}) -%}
{%- endfor -%}
{%- set part = ratio(prefix ~ 'labeled_rows', prefix ~ 'all_labeled_rows') -%}
{%- set rest = 'nullif(1 - ' ~ part ~ ', 0)' -%}
greatest(
    power({{ rest }}, 2) * (
        {{ mean_variance(prefix) }}
        + {{ variance_of_mean(
            others.loss_sum, others.loss_square_sum, others.labeled_rows) }}
    ),
    {{ rest }} / {{ prefix }}labeled_rows * {{ prefix }}all_labeled_rows
    * {{ variance_of_mean(
        prefix ~ 'all_loss_sum', prefix ~ 'all_loss_square_sum', prefix ~ 'all_labeled_rows') }}
)
{%- endmacro %}


{#- Variance of the mean of values from their sum, the sum of their squares and their number. -#}
{% macro variance_of_mean(value_sum, square_sum, row_count) -%}
({{ row_variance(value_sum, square_sum, row_count) }}) / nullif({{ row_count }} - 1, 0)
{%- endmacro %}
