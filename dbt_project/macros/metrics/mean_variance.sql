{#- Variance of the mean loss of a pattern, rows taken as independent, from the columns
    labeled_rows, weight_squares, loss_sum and loss_square_sum behind a prefix; null where all rows
    lose the same, of which rounding may leave a little. -#}
{% macro mean_variance(prefix='') -%}
{{ variance_of_mean(
    prefix ~ 'loss_sum', prefix ~ 'loss_square_sum', prefix ~ 'labeled_rows',
    prefix ~ 'weight_squares') }}
{%- endmacro %}


{#- Variance of the gap between that mean and the one of all rows, of which the pattern is a part:
    that of two means that each vary for themselves, or that of a random draw from all rows, if it
    is larger. A few rows that lose very much make the mean and its variance alike: without one of
    them a pattern would seem to be surely better. -#}
{% macro gap_variance(prefix='') -%}
{%- set others = {} -%}
{%- for column in ['loss_sum', 'loss_square_sum', 'labeled_rows', 'weight_squares'] -%}
{%- do others.update({column: '(' ~ prefix ~ 'all_' ~ column ~ ' - ' ~ prefix ~ column ~ ')'}) -%}
{%- endfor -%}
{%- set part = ratio(prefix ~ 'labeled_rows', prefix ~ 'all_labeled_rows') -%}
{%- set rest = 'nullif(1 - ' ~ part ~ ', 0)' -%}
greatest(
    power({{ rest }}, 2) * (
        {{ mean_variance(prefix) }}
        + {{ variance_of_mean(others.loss_sum, others.loss_square_sum, others.labeled_rows,
            others.weight_squares) }}
    ),
    {{ rest }} / {{ effective_rows(prefix ~ 'labeled_rows', prefix ~ 'weight_squares') }}
    * {{ effective_rows(prefix ~ 'all_labeled_rows', prefix ~ 'all_weight_squares') }}
    * {{ mean_variance(prefix ~ 'all_') }}
)
{%- endmacro %}


{#- Variance of the mean of values from their sum, the sum of their squares and their number. Values
    that weigh more than others have weighted sums, and less of them is known. -#}
{% macro variance_of_mean(value_sum, square_sum, row_count, weight_squares=none) -%}
{%- set known = row_count -%}
{%- if weight_squares is not none -%}
{%- set known = effective_rows(row_count, weight_squares) -%}
{%- endif -%}
({{ row_variance(value_sum, square_sum, row_count) }}) / nullif({{ known }} - 1, 0)
{%- endmacro %}


{#- How many rows of equal weight would tell a mean as well, (sum w)^2 / sum w^2 (Kish 1965); null
    without a row. -#}
{% macro effective_rows(row_count, weight_squares) -%}
(power({{ row_count }}, 2) / nullif({{ weight_squares }}, 0))
{%- endmacro %}
