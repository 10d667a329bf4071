{#- A measure of the feature at features.position out of the wide columns <measure>_<position> of
    `sums`. -#}
{% macro of_feature(wide, measure) -%}
case features.position
    {% for one in wide %}
    when {{ one.at }} then sums.{{ measure }}_{{ one.at }}
    {% endfor %}
    when -1 then null
end
{%- endmacro %}


{#- The value of the segment at segments.position in a row of `finest`, 0 standing for all rows. -#}
{% macro value_of_segment(segments) -%}
coalesce(
    case segments.position
        when 0 then 'all'
        {% for segment in segments %}
        when {{ loop.index }} then finest.{{ segment }}
        {% endfor %}
    end,
    'unknown'
)
{%- endmacro %}
