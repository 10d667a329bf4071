{#- Rows of a seed on Spark. dbt-spark writes a text between quotes as it is, so that an apostrophe
    ends it, and an empty cell as the text None. -#}
{% macro spark__load_csv_rows(model, agate_table) %}
    {% set given_types = model['config'].get('column_types', {}) %}
    {% set statements = [] %}
    {% for chunk in agate_table.rows | batch(get_batch_size()) %}
        {% set statement %}
insert into {{ this }} values
            {% for row in chunk %}
(
                {%- for name in agate_table.column_names %}
                    {%- set inferred = adapter.convert_type(agate_table, loop.index0) %}
                    {%- set value = row[loop.index0] %}
cast({{ 'null' if value is none else sql_text(value) }} as {{ given_types.get(name, inferred) }})
                    {{- ', ' if not loop.last }}
                {%- endfor %}
){{ ',' if not loop.last }}
            {% endfor %}
        {% endset %}
        {% do adapter.add_query(statement, abridge_sql_log=True) %}
        {% do statements.append(statement) %}
    {% endfor %}
    {{ return(statements | first) }}
{% endmacro %}
