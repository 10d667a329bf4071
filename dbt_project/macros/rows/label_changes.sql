{#- What becomes known of the labels of a monitor's log, at which age in days, over the rows that
    answered: metric_date, effect, label_age_days, label, score and what the task has beside it.
    Effect 1 is a label that is known from the age on, -1 that it no longer is: a later report says
    otherwise, or came after the row had been taken as negative. Effect 0 is every row once, at the
    age of its newest report, -1 where no label is known. A row that nobody reported and that is
    taken as negative is known at the horizon; label_age_cap ends what is told apart. -#}
{% macro label_changes(name, monitor, read) %}
{%- set beside = ['score'] + columns_of(monitor, 'classes') -%}
{%- set needed = ['logged_label', 'logged_labeled_at', 'is_shadow', 'model_version'] + beside
    + (['row_id'] if monitor.labels else []) -%}
{%- set no_moment = 'cast(null as ' ~ type_local_timestamp() ~ ')' -%}
{%- set reported = dict(monitor, unlabeled_means='unknown') -%}
{%- set cap = label_age_cap(monitor.label_horizon_days) -%}
(
    select
        spans.metric_date,
        effects.effect,
        case
            when effects.effect = 1 then spans.from_age
            when effects.effect = -1 then spans.to_age
            when spans.label is null then -1
            when spans.is_assumed then {{ monitor.label_horizon_days }}
            else spans.from_age
        end as label_age_days,
        case when effects.effect <> 0 then spans.label end as label,
        case when {{ usable_score(monitor) }} then spans.score end as score
        {%- for column in columns_of(monitor, 'classes') %},
        spans.{{ column }}
        {%- endfor %}
    from (
        select
            *,
            -- What is assumed is so from the horizon on.
            case
                when begins_at is not null and is_assumed
                    then greatest(begins_at, {{ monitor.label_horizon_days }})
                else begins_at
            end as from_age
        from (
            select
                *,
                {{ known_label(monitor) }} as label,
                {{ known_label(reported) }} is null as is_assumed,
                case when is_before = 1 then 0 else {{ age_of('known_at', cap) }} end as begins_at,
                case when is_before = 1 then {{ age_of('known_at', cap) }}
                    else {{ age_of('replaced_at', cap) }}
                end as to_age
            from (
                select
                    served.metric_date,
                    {{ select_columns('served', beside) }},
                    {{ date_literal(read.as_of) }} as as_of,
                    {{ date_literal(read.last_whole_day) }} as last_whole_day,
                    before_report.is_before,
                    {% if monitor.labels %}
                    case when before_report.is_before = 0 then reports.inference_id end as label_id,
                    case when before_report.is_before = 0 then reports.label end as reported_label,
                    cast(null as {{ type_double() }}) as logged_label,
                    {{ no_moment }} as logged_labeled_at,
                    reports.labeled_at as known_at,
                    reports.replaced_at
                    {% else %}
                    cast(null as {{ dbt.type_string() }}) as label_id,
                    cast(null as {{ type_double() }}) as reported_label,
                    case when before_report.is_before = 0 then served.logged_label end
                        as logged_label,
                    served.logged_labeled_at,
                    case
                        when
                            served.logged_label is not null
                            and served.logged_labeled_at < {{ end_of(read) }}
                            then served.logged_labeled_at
                    end as known_at,
                    {{ no_moment }} as replaced_at
                    {% endif %}
                from {{ single_rows(name, monitor, 'log', needed, read) }} as served
                {% if monitor.labels %}
                left join {{ reports_in_order(name, read) }} as reports
                    on reports.inference_id = cast(served.row_id as {{ dbt.type_string() }})
                {% endif %}
                -- The time before the first report counts where no label is one.
                inner join (values (0), (1)) as before_report (is_before)
                    on
                        before_report.is_before = 0
                        {% if monitor.unlabeled_means == 'negative' %}
                        or {{ 'coalesce(reports.report_number, 1) = 1' if monitor.labels
                            else 'true' }}
                        {% endif %}
                where not served.is_shadow
            ) as reported
        ) as dated
    ) as spans
    inner join (values (0), (1), (-1)) as effects (effect)
        on
            (effects.effect = 0 and spans.is_before = 0 and spans.replaced_at is null)
            or (
                effects.effect <> 0
                and spans.label is not null
                and spans.from_age < coalesce(spans.to_age, {{ cap }} + 2)
                and (effects.effect = 1 or spans.to_age is not null)
            )
)
{%- endmacro %}


{#- All reports of the ids on the days that are counted, each with the moment of the next one; those
    of one moment in the order of newest_labels. -#}
{% macro reports_in_order(name, read) -%}
(
    select
        inference_id,
        label,
        labeled_at,
        row_number() over id_reports as report_number,
        lead(labeled_at) over id_reports as replaced_at
    from {{ ref('stg_labels') }}
    where
        monitor = {{ sql_text(name) }}
        and labeled_at < {{ end_of(read) }}
        and inference_id in (
            select counted.inference_id
            from {{ ref('int_counted_labels') }} as counted
            where counted.monitor = {{ sql_text(name) }}
        )
    window id_reports as (
        partition by inference_id
        order by labeled_at, {{ readable('label') }} nulls first, label nulls first
    )
)
{%- endmacro %}


{#- Whole days from a row's day to a moment, 0 for earlier ones, one more than the cap for later. -#}
{% macro age_of(moment, cap) -%}
case
    when {{ moment }} is not null
        then least(
            greatest({{ days_between('cast(' ~ moment ~ ' as date)', 'metric_date') }}, 0),
            {{ cap }} + 1
        )
end
{%- endmacro %}


{#- The last age that is told apart. -#}
{% macro label_age_cap(label_horizon_days) -%}
({{ label_horizon_days }} + 30)
{%- endmacro %}


{#- What the facts of label ages hold of performance, to be added up over ages: counts and sums. -#}
{% macro known_counts() %}
    {{ return(['known_labels', 'labeled_rows', 'true_positives', 'false_positives',
        'false_negatives']) }}
{% endmacro %}


{% macro known_sums() %}
    {{ return(['correct_rows', 'log_loss_sum', 'brier_sum', 'absolute_error_sum',
        'error_square_sum', 'absolute_label_sum', 'percentage_rows', 'percentage_error_sum']) }}
{% endmacro %}
