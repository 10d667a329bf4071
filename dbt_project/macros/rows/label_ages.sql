{#- Rows of a monitor's log that answered, each with the age in days at which its label became
    known: the newest report of its id counts, on the day it came. -1 is not known on the as-of day,
    a row that nobody reported and that is taken as negative is known at the horizon, and
    label_age_cap ends what is told apart. -#}
{% macro label_ages(name, monitor, read) -%}
(
    select
        metric_date,
        case
            when label is null then -1
            when known_at is null then {{ monitor.label_horizon_days }}
            else least(
                greatest({{ days_between('cast(known_at as date)', 'metric_date') }}, 0),
                {{ label_age_cap(monitor.label_horizon_days) }} + 1
            )
        end as label_age_days
    from (
        select
            metric_date,
            {{ known_label(monitor) }} as label,
            case
                when label_id is not null and reported_label is not null then reported_at
                when label_id is null and logged_label is not null
                    and logged_labeled_at < {{ end_of(read) }} then logged_labeled_at
            end as known_at
        from (
            select
                served.metric_date,
                served.logged_label,
                served.logged_labeled_at,
                {{ date_literal(read.as_of) }} as as_of,
                {{ date_literal(read.last_whole_day) }} as last_whole_day,
                {% if monitor.labels %}
                labels.inference_id as label_id,
                labels.label as reported_label,
                labels.labeled_at as reported_at
                {% else %}
                cast(null as {{ dbt.type_string() }}) as label_id,
                cast(null as {{ type_double() }}) as reported_label,
                cast(null as {{ type_local_timestamp() }}) as reported_at
                {% endif %}
            from {{ single_rows(name, monitor, 'log', ['logged_label', 'logged_labeled_at',
                'is_shadow'] + (['row_id', 'model_version'] if monitor.labels
                else ['model_version']), read) }} as served
            {% if monitor.labels %}
            left join {{ ref('int_counted_labels') }} as labels
                on
                    labels.monitor = {{ sql_text(name) }}
                    and labels.inference_id = cast(served.row_id as {{ dbt.type_string() }})
            {% endif %}
            where not served.is_shadow
        ) as labeled
    ) as known
)
{%- endmacro %}


{#- The last age that is told apart. -#}
{% macro label_age_cap(label_horizon_days) -%}
({{ label_horizon_days }} + 30)
{%- endmacro %}
