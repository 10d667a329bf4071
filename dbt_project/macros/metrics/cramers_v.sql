{#- Cramer's V of two samples over bins, corrected for the bias of small samples (Bergsma 2013):
    what chance gives is taken from the squared contingency, and from the numbers of bins and
    samples. A difference of equal numbers, 0 but for its last digits, is 0: its root is not. -#}
{% macro cramers_v(chi_square, bin_count, total_rows) -%}
{%- set rows_less_one = 'nullif(' ~ total_rows ~ ' - 1, 0)' -%}
{%- set bins_less_one = '(' ~ bin_count ~ ' - 1)' -%}
{%- set excess -%}
({{ ratio(chi_square, total_rows) }} - {{ ratio(bins_less_one, rows_less_one) }})
{%- endset -%}
case
    when {{ chi_square }} is not null
        then sqrt(
            case when {{ excess }} > 1e-12 then {{ excess }} else 0 end
            / nullif(least(
                {{ bins_less_one }} * (1 - {{ ratio(bins_less_one, rows_less_one) }}),
                1 - {{ ratio(1, rows_less_one) }}
            ), 0)
        )
end
{%- endmacro %}
