{#- The order in which rows of the same day, id and version are preferred: the one loaded last, then
    by content, so that it never rests on the order of the rows. `contents` are the SQL of their
    features and segments. -#}
{% macro last_loaded_first(contents) -%}
loaded_at desc,
is_shadow,
score desc nulls last,
predicted_at desc,
{%- for content in contents %}
{{ content }} desc nulls last,
{%- endfor %}
{{ readable('logged_label') }} desc nulls last,
logged_label desc nulls last,
logged_labeled_at desc nulls last
{%- endmacro %}


{#- The elements of the arrays of stg_inferences that hold a monitor's features and segments, as
    many as the monitor with the most has. -#}
{% macro array_contents() %}
    {% set contents = [] %}
    {% for column, kind in [('numeric_values', 'numeric'), ('categorical_values', 'categorical'),
        ('segment_values', 'segments'), ('class_values', 'classes'), ('query_id', none),
        ('business_numerators', 'numerators'), ('business_denominators', 'denominators')] %}
        {% if kind is none %}{% do contents.append(column) %}{% endif %}
        {% set lengths = [0] %}
        {% for monitor in monitors().values() %}
            {% do lengths.append((monitor[kind] if kind else []) | length) %}
        {% endfor %}
        {% for position in range(1, (lengths | max) + 1) %}
            {% do contents.append(element_of(column, position)) %}
        {% endfor %}
    {% endfor %}
    {{ return(contents) }}
{% endmacro %}
