{#- Metrics of several classes that are means over the classes, in the columns of
    int_metric_estimates: F1 over the classes that came true or were called, and ROC AUC of each
    class against the rest, null unless every class is there. Rows pull the AUC of all classes at
    once, which their cells do not tell: its standard error is the largest that those of the classes
    allow. -#}
{%- set keys = [
    'monitor', 'model_version', 'traffic', 'segment_name', 'segment_value', 'metric_date',
] -%}
with

windowed as (
    select
        keyed.window_id, {{ select_columns('keyed', keys) }}, keyed.window_days, keyed.row_count,
        keyed.known_labels, keyed.labeled_rows, keyed.labeled_square_sum, keyed.has_rows,
        {{ days_between('keyed.metric_date', 'keyed.first_day') }} + 1 >= keyed.window_days
            as is_whole_window,
        max(case when keyed.window_days = 30 then keyed.window_id end) over (
            partition by
                {{ select_columns('keyed', keys) | replace(', ', ',\n                ') }}
        ) as month_window_id
    from {{ ref('int_performance_window') }} as keyed
    inner join {{ ref('stg_monitors') }} as monitors
        on keyed.monitor = monitors.monitor and monitors.task = 'multiclass'
),

pairs as (
    select
        windowed.window_id,
        facts.actual_class,
        facts.called_class,
        cast(sum(facts.row_count) as {{ type_double() }}) as row_count
    from windowed
    {{ facts_of_windows(ref('int_confusion_daily')) }}
    group by windowed.window_id, facts.actual_class, facts.called_class
),

-- Rows that came true and rows that were called, together, are what F1 of a class is a part of.
of_classes as (
    select
        window_id,
        class_position,
        sum(row_count) as involved,
        2 * sum(hits) / sum(row_count) as f1
    from (
        select
            window_id, actual_class as class_position, row_count, 0 as hits
        from pairs
        union all
        select
            window_id, called_class, row_count,
            case when actual_class = called_class then row_count else 0 end
        from pairs
    ) as sides
    group by window_id, class_position
),

f1_values as (
    select
        of_classes.window_id,
        sum(of_classes.f1) / count(*) as metric_value,
        count(*) as class_count
    from of_classes
    group by of_classes.window_id
),

-- What one more row of a pair would add to the mean F1.
f1_influences as (
    select
        pairs.window_id,
        pairs.actual_class,
        pairs.called_class,
        pairs.row_count,
        case
            when pairs.actual_class = pairs.called_class then (2 - 2 * actual.f1) / actual.involved
            else -actual.f1 / actual.involved - called_side.f1 / called_side.involved
        end / f1_values.class_count as influence
    from pairs
    inner join of_classes as actual
        on pairs.window_id = actual.window_id and pairs.actual_class = actual.class_position
    inner join of_classes as called_side
        on
            pairs.window_id = called_side.window_id
            and pairs.called_class = called_side.class_position
    inner join f1_values
        on pairs.window_id = f1_values.window_id
),

f1_spread as (
    select window_id, sum(row_count * power(influence, 2)) as influence_square
    from f1_influences
    group by window_id
),

f1_pulls as (
    select
        days.window_id,
        sum(pairs.row_count * influences.influence) as day_pull
    from windowed as days
    inner join pairs
        on days.window_id = pairs.window_id
    inner join f1_influences as influences
        on
            days.month_window_id = influences.window_id
            and pairs.actual_class = influences.actual_class
            and pairs.called_class = influences.called_class
    where days.window_days = 1
    group by days.window_id
),

class_counts as (
    select monitor, count(*) as class_count
    from {{ ref('stg_classes') }}
    group by monitor
),

auc_values as (
    select
        {{ select_columns('ranks', keys) }}, ranks.window_days,
        max(counts.class_count) as class_count,
        count(ranks.roc_auc) as classes_ranked,
        min(ranks.positives) as rarest_class,
        sum(ranks.roc_auc) / max(counts.class_count) as metric_value,
        sum(ranks.roc_auc_error_bound) / max(counts.class_count) as error_bound,
        sum(ranks.roc_auc_standard_error) / max(counts.class_count) as standard_error,
        count(ranks.roc_auc_standard_error) as classes_with_error,
        sum(ranks.roc_auc_pull) / max(counts.class_count) as day_pull,
        power(sum(sqrt(ranks.roc_auc_pull_variance)) / max(counts.class_count), 2) as pull_variance
    from {{ ref('int_rank_metrics') }} as ranks
    inner join class_counts as counts
        on ranks.monitor = counts.monitor
    where ranks.class_position > 0
    group by
        {{ select_columns('ranks', keys) | replace(', ', ',\n        ') }},
        ranks.window_days
),

estimates as (
    select
        windowed.*,
        'macro_f1' as metric_name,
        least(windowed.labeled_rows, coalesce(aucs.rarest_class, 0)) as rarer_rows,
        f1s.metric_value,
        sqrt(
            f1_spread.influence_square * windowed.labeled_rows
            / nullif(windowed.labeled_rows - 1, 0)
        ) as standard_error,
        cast(0 as {{ type_double() }}) as error_bound,
        power(f1_pulls.day_pull * last_month.labeled_rows, 2) as pull_square,
        case
            when month_spread.influence_square * last_month.labeled_rows > 1e-20
                then month_spread.influence_square
        end * last_month.labeled_rows * windowed.labeled_rows
        * (1 - {{ ratio('windowed.labeled_rows', 'last_month.labeled_rows') }}) as pull_variance,
        {{ ratio('windowed.labeled_rows', 'last_month.labeled_rows') }} as part_of_month
    from windowed
    left join f1_values as f1s
        on windowed.window_id = f1s.window_id
    left join f1_spread
        on windowed.window_id = f1_spread.window_id
    left join auc_values as aucs
        on {{ same_columns('windowed', 'aucs', keys + ['window_days']) }}
    left join windowed as last_month
        on windowed.window_days = 1 and windowed.month_window_id = last_month.window_id
    left join f1_spread as month_spread
        on last_month.window_id = month_spread.window_id
    left join f1_pulls
        on windowed.window_id = f1_pulls.window_id
    union all
    select
        windowed.*,
        'macro_roc_auc',
        least(windowed.labeled_rows, coalesce(aucs.rarest_class, 0)),
        case when aucs.classes_ranked = aucs.class_count then aucs.metric_value end,
        case when aucs.classes_with_error = aucs.class_count then aucs.standard_error end,
        aucs.error_bound,
        power(aucs.day_pull, 2),
        aucs.pull_variance,
        {{ ratio('windowed.labeled_rows', 'last_month.labeled_rows') }}
    from windowed
    left join auc_values as aucs
        on {{ same_columns('windowed', 'aucs', keys + ['window_days']) }}
    left join windowed as last_month
        on windowed.window_days = 1 and windowed.month_window_id = last_month.window_id
)

select
    {{ keys | join(', ') }}, window_days, row_count, known_labels, labeled_rows,
    labeled_square_sum, has_rows, is_whole_window, rarer_rows,
    metric_name,
    'logit' as scale,
    metric_value,
    cast(null as {{ type_double() }}) as trials,
    standard_error,
    error_bound,
    cast(0 as {{ type_double() }}) as excess,
    pull_square,
    pull_variance,
    part_of_month
from estimates
