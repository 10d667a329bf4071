{{ config(materialized='incremental', incremental_strategy='changed_days', full_refresh=false,
    meta={'days': 'int_days_to_count'}) }}
{#- Mergeable sums of the loss by feature and public bin, of the rows that were answered and of
    those that versions were judged on before they served. Features are placed in their bins in one
    scan of the rows with a label, and of a day with very many of them only a sample. -#}
{%- set days = ref('int_days_to_count') -%}
{%- set reads = day_spans(days, ref('int_repeated_rows')) -%}
{%- set frozen = frozen_bins(days) -%}
{%- set counts = ['labeled_rows', 'positive_rows', 'false_positives', 'false_negatives'] -%}
{%- set sums = ['score_sum', 'loss_sum', 'loss_square_sum', 'error_sum'] -%}
with

placed as (
    select
        cast(null as {{ dbt.type_string() }}) as monitor,
        cast(null as {{ dbt.type_string() }}) as traffic,
        cast(null as date) as metric_date,
        cast(null as {{ dbt.type_string() }}) as model_version,
        cast(null as {{ dbt.type_string() }}) as feature_name,
        cast(null as integer) as bin_id,
        cast(null as {{ dbt.type_string() }}) as category,
        {% for column in counts %}
        cast(null as bigint) as {{ column }},
        {% endfor %}
        {% for column in sums %}
        cast(null as {{ type_double() }}) as {{ column }}{{ ',' if not loop.last }}
        {% endfor %}
    where false
    {% for name, monitor in monitors().items()
        if monitor.task != 'ranking' and not reads[name].is_empty %}
    {% set is_binary = monitor.task == 'binary' %}
    {% set classes = columns_of(monitor, 'classes') %}
    {% set bins = frozen.get(name, {}) %}
    {% set read = reads[name] %}
    {% set threshold = monitor.decision_threshold %}
    {% for kind in scored_kinds(monitor) %}
    {% set traffic = 'holdout' if kind.held_out else 'live' %}
    {% for batch in range(monitor.numeric | length + monitor.categorical | length) | batch(40) %}
    {% set wide = [] %}
    {% for index in batch %}
    {% set is_numeric = index < monitor.numeric | length %}
    {% set position = index if is_numeric else index - monitor.numeric | length %}
    {% do wide.append({
        'at': index,
        'is_numeric': is_numeric,
        'feature': (monitor.numeric if is_numeric else monitor.categorical)[position],
        'value': ('numeric_' if is_numeric else 'categorical_') ~ (position + 1),
        'place': ('bin_' if is_numeric else 'categorical_') ~ (position + 1),
    }) %}
    {% endfor %}
    {% set places = wide | map(attribute='place') | list %}
    union all
    select
        {{ sql_text(name) }},
        '{{ traffic }}',
        metric_date,
        model_version,
        case
            {% for one in wide %}
            when grouping({{ one.place }}) = 0 then {{ sql_text(one.feature) }}
            {% endfor %}
        end,
        case
            when false then cast(null as integer)
            {% for one in wide if one.is_numeric %}
            when grouping({{ one.place }}) = 0 then {{ one.place }}
            {% endfor %}
        end,
        case
            when false then cast(null as {{ dbt.type_string() }})
            {% for one in wide if not one.is_numeric %}
            when grouping({{ one.place }}) = 0 then {{ one.place }}
            {% endfor %}
        end,
        count(*),
        {{ count_where('label = 1') if is_binary else 'null' }},
        {{ count_where('label = 0 and score >= ' ~ threshold) if is_binary else 'null' }},
        {{ count_where('label = 1 and score < ' ~ threshold) if is_binary else 'null' }},
        {{ 'null' if classes else 'sum(score)' }},
        sum(loss),
        sum(loss * loss),
        {{ 'sum(error)' if monitor.task == 'regression' else 'null' }}
    from (
        select
            judged.metric_date,
            sampled.model_version,
            judged.score,
            judged.label,
            {% for one in wide %}
            {% if one.is_numeric %}
            {{ public_bin('judged.' ~ one.value, bins.get(one.feature, [])) | indent(12) }}
                as {{ one.place }},
            {% else %}
            judged.{{ one.value }},
            {% endif %}
            {% endfor %}
            {{ row_loss(monitor) | indent(12) }} as loss,
            {{ zero_if_tiny('(score - label)') if monitor.task == 'regression' else 'null' }}
                as error
        from {{ scored_rows(name, monitor, kind.origin, read, kind.held_out,
            ['row_id'] + classes + wide | map(attribute='value') | list) }} as judged
        inner join (
            select
                model_version, metric_date, {{ first_left_out('labeled_rows') }} as first_left_out
            from {{ ref('int_performance_daily') }}
            where
                monitor = {{ sql_text(name) }}
                and traffic = '{{ traffic }}'
                and segment_name = 'overall'
                {{ "and model_version = 'serving'" if not kind.held_out }}
        ) as sampled
            on
                judged.metric_date = sampled.metric_date
                {% if kind.held_out %}
                and judged.model_version = sampled.model_version
                {% else %}
                and not judged.is_shadow
                {% endif %}
        where
            judged.label is not null
            and {{ performance_facts(monitor).can_be_judged | indent(12) }}
            and (
                sampled.first_left_out is null
                or {{ byte_order(md5_text('judged.row_id')) }} < sampled.first_left_out
            )
    ) as found
    group by {{ grouping_by_each(['metric_date', 'model_version'], places) }}
    {% endfor %}
    {% endfor %}
    {% endfor %}
),

current_bins as (
    select bins.*
    from {{ ref('int_feature_bins') }} as bins
    inner join {{ ref('stg_monitors') }} as monitors
        on bins.monitor = monitors.monitor and bins.bins_version = monitors.bins_version
),

numbered as (
    select
        placed.monitor, placed.traffic, placed.metric_date, placed.model_version,
        placed.feature_name,
        case
            when placed.bin_id is not null then placed.bin_id
            when placed.category is null then -1
            else coalesce(bins.bin_id, -3)
        end as bin_id,
        {{ select_columns('placed', counts + sums) }}
    from placed
    left join current_bins as bins
        on
            placed.monitor = bins.monitor
            and placed.feature_name = bins.feature_name
            and bins.feature_kind = 'categorical'
            and placed.category = bins.category
)

-- Held-out rows of the log and of the history add up.
select
    numbered.monitor,
    numbered.model_version,
    numbered.traffic,
    numbered.metric_date,
    cells.bins_version,
    numbered.feature_name,
    numbered.bin_id,
    {% for column in counts %}
    cast(sum(numbered.{{ column }}) as bigint) as {{ column }},
    {% endfor %}
    {% for column in sums %}
    sum(numbered.{{ column }}) as {{ column }}{{ ',' if not loop.last }}
    {% endfor %}
from numbered
inner join {{ ref('int_feature_cells') }} as cells
    on
        numbered.monitor = cells.monitor
        and numbered.feature_name = cells.feature_name
        and cells.grain = 'public'
        and numbered.bin_id = cells.cell_id
group by
    numbered.monitor, numbered.model_version, numbered.traffic, numbered.metric_date,
    cells.bins_version, numbered.feature_name, numbered.bin_id
