{#- What the log (and the history) says of each day, in few columns or, with `fingerprint:
    content`, in all of them: a day whose rows changed has another fingerprint. Sums are of
    whole numbers, so they do not depend on the order of the rows. -#}
{%- set reads = read_spans(ref('int_read_spans')) -%}
with

fingerprints as (
    select
        cast(null as {{ dbt.type_string() }}) as monitor,
        cast(null as {{ dbt.type_string() }}) as origin,
        cast(null as date) as metric_date,
        cast(null as bigint) as row_count,
        cast(null as {{ dbt.type_string() }}) as rows_fingerprint,
        cast(null as {{ dbt.type_string() }}) as business_fingerprint
    where false
    {% for name, monitor in monitors().items() if not reads[name].is_empty %}
    {% set read = reads[name] %}
    {% for origin in row_origins(monitor) %}
    {% set is_full = monitor.fingerprint == 'content' %}
    {% set sum_of = amount_sum if monitor.task == 'regression' else whole_sum %}
    {% set content = ['row_id', 'model_version', 'is_shadow', 'predicted_at', 'loaded_at', 'score']
        + columns_of(monitor, 'numeric') + columns_of(monitor, 'categorical')
        + columns_of(monitor, 'segments') + task_columns(monitor) if is_full else ['loaded_at', 'score'] %}
    {% set business = business_columns(monitor) %}
    {% set amounts = [] %}
    {% for column in business %}
        {% do amounts.extend([count_where('abs(' ~ column ~ ') <= 1e37'), amount_sum(column)]) %}
    {% endfor %}
    {% set columns = content + ['logged_label', 'logged_labeled_at'] + business %}
    union all
    select
        {{ sql_text(name) }},
        '{{ origin }}',
        metric_date,
        count(*),
        {{ text_of([
            'count(*)',
            'max(loaded_at)',
            'count(score)',
            sum_of('score'),
            'count(known_label)',
            count_where(is_finite('known_label')),
            sum_of('known_label'),
            'max(known_at)',
        ] + ([hash_sum(row_hash(content + ['known_label', 'known_at']))] if is_full else [])) }},
        {{ text_of(amounts
            + ([hash_sum(row_hash(['row_id', 'model_version'] + business))] if is_full else [])
        ) if business else 'null' }}
    from (
        -- A label that is not known yet must be seen when it becomes so.
        select
            rows_found.*,
            case
                when rows_found.logged_labeled_at < {{ end_of(read) }} then rows_found.logged_label
            end as known_label,
            case
                when rows_found.logged_labeled_at < {{ end_of(read) }}
                    then rows_found.logged_labeled_at
            end as known_at
        from {{ raw_rows(name, monitor, origin, columns, read) }} as rows_found
    ) as rows_known
    group by metric_date
    {% endfor %}
    {% endfor %}
),

label_fingerprints as (
    select
        cast(null as {{ dbt.type_string() }}) as monitor,
        cast(null as {{ dbt.type_string() }}) as origin,
        cast(null as date) as metric_date,
        cast(null as {{ dbt.type_string() }}) as labels_fingerprint
    where false
    {% for name, monitor in monitors().items() if monitor.labels and not reads[name].is_empty %}
    {% set read = reads[name] %}
    {% set sum_of = amount_sum if monitor.task == 'regression' else whole_sum %}
    union all
    select
        {{ sql_text(name) }},
        'log',
        rows_found.metric_date,
        {{ text_of([
            'count(*)',
            'max(labels.labeled_at)',
            'count(labels.label)',
            count_where(is_finite('labels.label')),
            sum_of('labels.label'),
        ] + ([hash_sum(row_hash(['labels.inference_id', 'labels.label', 'labels.labeled_at']))]
            if monitor.fingerprint == 'content' else [])) }}
    from (
        select row_id, metric_date
        from {{ raw_rows(name, monitor, 'log', ['row_id'], read) }} as rows_of_log
    ) as rows_found
    inner join {{ ref('stg_labels') }} as labels
        on
            labels.monitor = {{ sql_text(name) }}
            and cast(rows_found.row_id as {{ dbt.type_string() }}) = labels.inference_id
    where labels.labeled_at < {{ end_of(read) }}
    group by rows_found.metric_date
    {% endfor %}
)

select
    fingerprints.monitor,
    fingerprints.origin,
    fingerprints.metric_date,
    fingerprints.row_count,
    fingerprints.rows_fingerprint || ';' || coalesce(label_fingerprints.labels_fingerprint, '')
        as rows_fingerprint,
    fingerprints.business_fingerprint
from fingerprints
left join label_fingerprints
    on
        fingerprints.monitor = label_fingerprints.monitor
        and fingerprints.origin = label_fingerprints.origin
        and fingerprints.metric_date = label_fingerprints.metric_date
