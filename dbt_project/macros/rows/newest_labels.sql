{#- The newest report of each id up to the as-of day; of two at the same moment the larger label,
    before one that cannot be read. -#}
{% macro newest_labels(reports) %}
select monitor, inference_id, label, labeled_at
from (
    select
        labels.monitor,
        labels.inference_id,
        labels.label,
        labels.labeled_at,
        row_number() over (
            partition by labels.monitor, labels.inference_id
            order by labels.labeled_at desc, {{ readable('labels.label') }} desc nulls last,
                labels.label desc nulls last
        ) as recency
    from {{ reports }} as labels
    inner join {{ ref('int_as_of') }} as as_of
        on labels.monitor = as_of.monitor
    where labels.labeled_at < {{ day_start(add_days('as_of.as_of', 1)) }}
) as ranked_labels
where recency = 1
{%- endmacro %}


{#- A label by which two of one moment are put in order: null what cannot be read. -#}
{% macro readable(label) -%}
case when {{ is_finite(label) }} then {{ label }} end
{%- endmacro %}


{#- What is said of a row's label, which may be unusable, over rows with logged_label,
    logged_labeled_at, metric_date and the columns label_id, reported_label (null without a relation
    of labels), as_of and last_whole_day. -#}
{% macro said_label() -%}
case
    when label_id is not null then reported_label
    when logged_labeled_at < {{ day_start(add_days('as_of', 1)) }} then logged_label
end
{%- endmacro %}


{#- What it is known to be, over the same rows. -#}
{% macro known_label(monitor) -%}
{%- set known = said_label() -%}
{% if monitor.task in ['multiclass', 'regression'] -%}
case when {{ is_finite(known) }} then {{ known }} end
{%- elif monitor.task == 'ranking' -%}
case when {{ is_finite(known) }} and {{ known }} >= 0 then {{ known }} end
{%- else -%}
case
    when {{ known }} = 1 then {{ double_literal('1') }}
    when {{ known }} = 0 then {{ double_literal('0') }}
    {% if monitor.unlabeled_means == 'negative' %}
    when
        {{ known }} is null
        and {{ add_days('metric_date', monitor.label_horizon_days) }} <= last_whole_day
        then 0
    {% endif %}
end
{%- endif %}
{%- endmacro %}
