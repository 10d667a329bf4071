{#- A number as text with three decimals, the same on every engine: halves go away from zero. A
    number below 0.01 has as many as show two digits, down to a millionth. -#}
{% macro number_text(value) -%}
{%- set size = 'abs(cast(' ~ value ~ ' as ' ~ type_double() ~ '))' -%}
coalesce(
    case
        when {{ size }} < {{ double_literal('1e-6') }}
            then {{ decimal_text(value, 3) }}
        {% for bound, decimals in [('1e-5', 7), ('1e-4', 6), ('1e-3', 5), ('1e-2', 4)] %}
        when {{ size }} < {{ double_literal(bound) }}
            then {{ decimal_text(value, decimals) }}
        {% endfor %}
        else {{ decimal_text(value, 3) }}
    end,
    'unknown'
)
{%- endmacro %}


{% macro decimal_text(value, decimals) -%}
cast(
    {{ whole_number(value, 10 ** decimals) }} * 0.{{ '0' * (decimals - 1) }}1
    as {{ dbt.type_string() }}
)
{%- endmacro %}


{#- Engines round doubles each in its own way (half up, half even, after 15 digits); floor is
    floor. Means of cents are halves often, and then their last digit, which hangs on the order of
    the rows, must not tell. -#}
{% macro whole_number(value, factor) -%}
cast(
    sign(cast({{ value }} as {{ type_double() }}))
    * floor(least(abs(cast({{ value }} as {{ type_double() }})), 1e24) * {{ factor }} + 0.500001)
    as decimal(28, 0)
)
{%- endmacro %}
