{#- Fails for each value whose fine cell or public bin is not what pencil and paper give. Floats say
    that 1.4 - 1.1 is a little less than three tenths of 2.1 - 1.1, and that 0.9 is as far from
    -1e16 as 1. -#}
{%- set bins = [
    {'bin_id': 1, 'is_point': false, 'lower': '1.1', 'upper': '2.1'},
    {'bin_id': 2, 'is_point': true, 'lower': '2.1', 'upper': '2.1'},
    {'bin_id': 3, 'is_point': false, 'lower': '2.1', 'upper': '4.1'},
] -%}
{%- set wide = [{'bin_id': 1, 'is_point': false, 'lower': '-1e16', 'upper': '1'}] -%}
{%- set double = type_double() -%}
{%- set infinity = "cast('Infinity' as " ~ double ~ ")" -%}
with

cases as (
    {% for value, expected in [
        (double_literal('1.0'), 0), (double_literal('1.1'), 10), (double_literal('1.4'), 13),
        (double_literal('1.45'), 13), (double_literal('2.0'), 19),
        (double_literal('2.0999999999999996'), 19), (double_literal('2.1'), 20),
        (double_literal('2.2'), 30), (double_literal('4.0999999999999996'), 39),
        (double_literal('4.1'), 39), (double_literal('4.2'), 40),
        ('cast(null as ' ~ double ~ ')', -1), (infinity, -2), ('-' ~ infinity, -2),
        ("cast('NaN' as " ~ double ~ ")", -2),
    ] %}
    {{ 'union all' if not loop.first }}
    select
        {{ loop.index }} as case_number,
        {{ value }} as tested_value,
        {{ expected }} as expected
    {% endfor %}
),

counted as (
    select
        case_number,
        expected,
        {{ fine_cell('tested_value', bins) }} as actual,
        {{ public_bin('tested_value', bins) }} as public_bin,
        {{ fine_cell('tested_value', []) }} as without_bins
    from cases
    union all
    select
        0, 19, {{ fine_cell('tested_value', wide) }}, {{ public_bin('tested_value', wide) }}, -3
    from (select {{ double_literal('0.9') }} as tested_value) as below_one
)

select *
from counted
where
    actual is distinct from expected
    or public_bin is distinct from
    case when expected < 0 then expected else cast(floor(expected * 0.1) as integer) end
    or without_bins is distinct from case when expected < 0 then expected else -3 end
