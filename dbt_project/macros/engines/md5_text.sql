{% macro md5_text(text) %}
    {{ return(adapter.dispatch('md5_text', 'driftline')(text)) }}
{% endmacro %}

{% macro default__md5_text(text) -%}
md5(cast({{ text }} as {{ dbt.type_string() }}))
{%- endmacro %}
