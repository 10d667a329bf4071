{#- Rows of one relation of a monitor with score and label as known, as a subquery: metric_date,
    model_version, is_shadow, score, label, said_label (which may be unusable), the segments and
    what the task has beside them, or the canonical columns named in their place. `held_out` gives
    the scores that candidates gave to rows they had not seen, in the place of those that were
    served. -#}
{% macro scored_rows(name, monitor, origin, read, held_out=false, columns=none) %}
{%- set beside = columns_of(monitor, 'segments') + task_columns(monitor)
    + (['row_id'] if monitor.task == 'ranking' else []) if columns is none else columns -%}
{%- set needed = ['model_version', 'score', 'logged_label', 'logged_labeled_at', 'is_shadow'] -%}
{%- if held_out or monitor.labels -%}{%- do needed.append('row_id') -%}{%- endif -%}
{%- for column in beside if column not in needed -%}{%- do needed.append(column) -%}{%- endfor -%}
(
    select
        metric_date,
        model_version,
        is_shadow,
        {% for column in beside %}
        {{ column }},
        {% endfor %}
        case when {{ usable_score(monitor) }} then score end as score,
        {{ known_label(monitor) }} as label,
        {{ said_label() }} as said_label
    from (
        select
            served.metric_date,
            {{ 'held_out.model_version' if held_out else 'served.model_version' }} as model_version,
            served.is_shadow,
            {{ 'held_out.score' if held_out else 'served.score' }} as score,
            served.logged_label,
            served.logged_labeled_at,
            {% for column in beside %}
            served.{{ column }},
            {% endfor %}
            {{ date_literal(read.as_of) }} as as_of,
            {{ date_literal(read.last_whole_day) }} as last_whole_day,
            {% if monitor.labels and origin == 'log' %}
            labels.inference_id as label_id,
            labels.label as reported_label
            {% else %}
            cast(null as {{ dbt.type_string() }}) as label_id,
            cast(null as {{ type_double() }}) as reported_label
            {% endif %}
            {% if held_out %}
            , row_number() over (
                partition by served.metric_date, held_out.model_version, held_out.inference_id
                order by served.is_shadow, served.model_version
            ) as copy
            {% else %}
            , 1 as copy
            {% endif %}
        from {{ single_rows(name, monitor, origin, needed, read) }} as served
        {% if monitor.labels and origin == 'log' %}
        left join {{ ref('int_counted_labels') }} as labels
            on
                labels.monitor = {{ sql_text(name) }}
                and labels.inference_id = cast(served.row_id as {{ dbt.type_string() }})
        {% endif %}
        {% if held_out %}
        inner join (
            select
                scores.inference_id,
                scores.model_version,
                scores.score,
                versions.holdout_from,
                versions.holdout_to
            from {{ source('driftline_jobs', 'holdout_scores') }} as scores
            inner join {{ ref('int_known_versions') }} as versions
                on
                    scores.monitor = versions.monitor
                    and scores.model_version = versions.model_version
            where scores.monitor = {{ sql_text(name) }}
        ) as held_out
            on
                held_out.inference_id = cast(served.row_id as {{ dbt.type_string() }})
                -- An id that comes again on a later day was not held out there.
                and served.metric_date between held_out.holdout_from and held_out.holdout_to
        {% endif %}
    ) as labeled
    where copy = 1
)
{%- endmacro %}


{#- The kinds of scored rows a monitor has: what was served, and what candidates gave to held-out
    rows. -#}
{% macro scored_kinds(monitor) %}
    {% set kinds = [{'origin': 'log', 'held_out': false}] %}
    {% if monitor.retrain %}
        {% for origin in row_origins(monitor) %}
            {% do kinds.append({'origin': origin, 'held_out': true}) %}
        {% endfor %}
    {% endif %}
    {{ return(kinds) }}
{% endmacro %}


{#- Whether a score counts: finite and, of predicted numbers, such that its square is a number of
    every engine. Other scores are counted as missing. -#}
{% macro usable_score(monitor) -%}
{{ is_finite('score') if monitor.task in tasks_of_chances() else 'abs(score) <= 1e37' }}
{%- endmacro %}
