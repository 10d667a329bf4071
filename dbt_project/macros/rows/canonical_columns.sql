{#- The SQL of each canonical column over one relation of a monitor ('log' or 'history'), the
    features and segments as numeric_1, categorical_1, segments_1 ... in the order of the
    configuration. -#}
{% macro canonical_columns(monitor, origin) %}
    {% set text = dbt.type_string() %}
    {% set columns = {} %}
    {% for role, column in monitor.columns.items() if column is string %}
        {% do columns.update({role: column_name(column)}) %}
    {% endfor %}
    {% set is_log = origin == 'log' %}
    {% set has_label = not (is_log and monitor.labels) %}
    {% set no_number = 'cast(null as ' ~ type_double() ~ ')' %}
    {% set predicted_at = local_moment(monitor, origin, 'predicted_at') %}
    {% set loaded_at = predicted_at %}
    {% if is_log and columns.get('loaded_at') %}
        {% set loaded_at = 'coalesce(' ~ local_moment(monitor, origin, 'loaded_at')
            ~ ', ' ~ predicted_at ~ ')' %}
    {% endif %}
    {% set labeled_at = 'cast(null as ' ~ type_local_timestamp() ~ ')' %}
    {% if has_label %}
        {% set labeled_at = local_moment(monitor, origin, 'labeled_at')
            if columns.get('labeled_at') else predicted_at %}
    {% endif %}
    {% set canonical = {
        'row_id': known_id(monitor, origin),
        'entity_id': known_text(monitor, origin, monitor.columns.entity)
            if columns.get('entity') else 'cast(null as ' ~ text ~ ')',
        'predicted_at': predicted_at,
        'loaded_at': loaded_at,
        'model_version': 'coalesce(' ~ known_text(monitor, origin, monitor.columns.model_version)
            ~ ", 'unknown')" if is_log else "'history'",
        'is_shadow': 'coalesce(cast(' ~ columns.is_shadow ~ ' as boolean), false)'
            if is_log and columns.get('is_shadow') else 'false',
        'score': known_score(monitor, origin) if is_log else no_number,
        'logged_label': known_target(monitor, origin) if has_label else no_number,
        'logged_labeled_at': labeled_at,
    } %}
    {% if monitor.task == 'ranking' %}
        {% do canonical.update({'query_id': known_text(monitor, origin, monitor.columns.query)
            if is_log else 'cast(null as ' ~ text ~ ')'}) %}
    {% endif %}
    {% for column in monitor.classes.values() %}
        {% do canonical.update({'classes_' ~ loop.index:
            number_or_null(column_name(column), column_type(monitor, origin, column))
            if is_log else no_number}) %}
    {% endfor %}
    {% for feature in monitor.numeric %}
        {% do canonical.update({'numeric_' ~ loop.index:
            number_of(column_name(feature), column_type(monitor, origin, feature))}) %}
    {% endfor %}
    {% for feature in monitor.categorical %}
        {% do canonical.update({'categorical_' ~ loop.index:
            known_text(monitor, origin, feature)}) %}
    {% endfor %}
    {% for kind in ['numerators', 'denominators'] %}
        {% for expression in monitor[kind] %}
            {% do canonical.update({
                kind ~ '_' ~ loop.index: known_amount(monitor, origin, expression)}) %}
        {% endfor %}
    {% endfor %}
    {% for expression in monitor.segments.values() %}
        {% do canonical.update({'segments_' ~ loop.index: value_text('(' ~ expression ~ ')')}) %}
    {% endfor %}
    {{ return(canonical) }}
{% endmacro %}


{#- The column of a role in one relation of a monitor, log, history or labels, in local time. -#}
{% macro local_moment(monitor, origin, role) -%}
{%- set column = monitor.columns[role] -%}
{{ local_timestamp(column_name(column), monitor.time_zone, column_type(monitor, origin, column)) }}
{%- endmacro %}


{#- The same as a number. -#}
{% macro known_number(monitor, origin, role) -%}
{%- set column = monitor.columns[role] -%}
{{ number_or_null(column_name(column), column_type(monitor, origin, column)) }}
{%- endmacro %}


{#- One side of a business metric; null in a history without a column of the log that it names. -#}
{% macro known_amount(monitor, origin, expression) -%}
{%- if origin == 'history' and lacks_a_column(monitor, expression) -%}
cast(null as {{ type_double() }})
{%- else -%}
{{ number_or_null('(' ~ expression ~ ')') }}
{%- endif -%}
{%- endmacro %}


{% macro lacks_a_column(monitor, expression) %}
    {% for origin in ['log', 'history'] %}{% do column_type(monitor, origin, '') %}{% endfor %}
    {% set types = monitor.column_types %}
    {% for column in types.get('log', {}) if column not in types.get('history', {})
        and modules.re.search('(?i)(?<!\\w)' ~ modules.re.escape(column) ~ '(?!\\w)', expression) %}
        {{ return(true) }}
    {% endfor %}
    {{ return(false) }}
{% endmacro %}


{#- The score of its rows: of several classes the greatest of their scores, if all are there. -#}
{% macro known_score(monitor, origin) -%}
{%- set scores = [] -%}
{%- for column in monitor.classes.values() -%}
{%- do scores.append(number_or_null(column_name(column), column_type(monitor, origin, column))) -%}
{%- endfor -%}
{%- if scores -%}
case
    when {{ scores | join(' is not null and ') }} is not null then greatest({{ scores | join(', ') }})
end
{%- else -%}
{{ known_number(monitor, origin, 'score') }}
{%- endif -%}
{%- endmacro %}


{#- Their label as a number: of several classes the position of the class in the configuration. NaN
    is a label that cannot be read or a class that is not there, null (or blank) none at all. -#}
{% macro known_target(monitor, origin) -%}
{%- set text = known_text(monitor, origin, monitor.columns.label) -%}
coalesce(
    {% if monitor.classes %}
    case trim({{ text }})
        {%- for name in monitor.classes %}
        when {{ sql_text(name | string | trim) }} then {{ double_literal(loop.index) }}
        {%- endfor %}
    end,
    {% else %}
    {{ known_number(monitor, origin, 'label') }},
    {% endif %}
    case when trim({{ text }}) <> '' then {{ double_literal('nan') }} end
)
{%- endmacro %}


{#- A column of such a relation as a text. -#}
{% macro known_text(monitor, origin, column) -%}
{{ value_text(column_name(column), column_type(monitor, origin, column)) }}
{%- endmacro %}


{#- The id of its rows: the column as it is, which is compared faster than a text. A float is a text
    already, the same as that of a whole number. -#}
{% macro known_id(monitor, origin) -%}
{%- set column = monitor.columns.id -%}
{{ known_text(monitor, origin, column) if is_float_type(column_type(monitor, origin, column))
    else column_name(column) }}
{%- endmacro %}


{% macro id_type(monitor, origin) %}
    {% set data_type = column_type(monitor, origin, monitor.columns.id) %}
    {{ return(dbt.type_string() if is_float_type(data_type) else data_type) }}
{% endmacro %}


{#- The relations that a monitor's rows come from, as {origin: relation as declared}. -#}
{% macro row_origins(monitor) %}
    {% set origins = {'log': monitor.inferences} %}
    {% if monitor.history %}{% do origins.update({'history': monitor.history}) %}{% endif %}
    {{ return(origins) }}
{% endmacro %}


{#- What the rows of a task have beside a score and a label. -#}
{% macro task_columns(monitor) %}
    {{ return(columns_of(monitor, 'classes') + (['query_id'] if monitor.task == 'ranking' else [])) }}
{% endmacro %}


{#- Both sides of its business metrics. -#}
{% macro business_columns(monitor) %}
    {{ return(columns_of(monitor, 'numerators') + columns_of(monitor, 'denominators')) }}
{% endmacro %}


{#- The names of all columns of a kind: numeric, categorical, segments, classes, numerators or
    denominators. -#}
{% macro columns_of(monitor, kind) %}
    {% set names = [] %}
    {% for one in monitor[kind] %}{% do names.append(kind ~ '_' ~ loop.index) %}{% endfor %}
    {{ return(names) }}
{% endmacro %}
