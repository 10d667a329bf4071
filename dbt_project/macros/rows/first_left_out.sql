{#- Which rows of a day stand for all where it has more than 10,000: those whose md5 of their id is
    below this text, a half, a quarter, ... of all, so that 5,000 to 10,000 are left. Null where
    all rows count. The same rows on every engine, and those of a smaller share are among those of a
    larger one. -#}
{% macro first_left_out(row_count) -%}
case
    when {{ row_count }} <= 10000 then null
    {% for zeros in ['', '0', '00', '000'] %}
    {% for digit in [8, 4, 2, 1] %}
    {% set halvings = loop.index + 4 * zeros | length %}
    {% if not (loop.last and zeros == '000') %}
    when {{ row_count }} <= {{ 10000 * 2 ** halvings }} then '{{ zeros }}{{ digit }}'
    {% endif %}
    {% endfor %}
    {% endfor %}
    else '0001'
end
{%- endmacro %}
