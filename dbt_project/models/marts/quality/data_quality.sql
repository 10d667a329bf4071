{{ config(materialized='view') }}
{#- What is wrong with the data of each day, out of the daily facts: each check beside the 28 days
    before, judged under the policies of its rule. It rests on tables that no build replaces, because
    PostgreSQL drops a view together with what it rests on. -#}
{%- set share_rule = "'data_quality_share'" -%}
with

served as (
    select
        monitor, metric_date, row_count, null_scores, invalid_scores, known_labels, said_labels,
        unusable_labels
    from {{ ref('int_performance_daily') }}
    where traffic = 'live' and model_version = 'serving' and segment_name = 'overall'
),

repeated as (
    select monitor, metric_date, sum(row_count - 1) as rows_too_many
    from {{ ref('int_repeated_rows') }}
    where origin = 'log'
    group by monitor, metric_date
),

-- Every day of the log, also those without rows.
log_days as (
    select
        monitor,
        metric_date,
        metric_value as row_count,
        severity = 'insufficient_data' as is_unjudged,
        row_number() over (partition by monitor order by metric_date) as day_number,
        lead(severity) over (partition by monitor order by metric_date) is null as is_last,
        max(case when metric_value > 0 then metric_date end) over (
            partition by monitor order by metric_date
            rows between unbounded preceding and current row
        ) as newest_day
    from {{ ref('signals') }}
    where rule_id = 'row_volume'
),

gaps as (
    select
        *,
        {{ days_between('metric_date', 'newest_day') }} as gap_days,
        max({{ days_between('metric_date', 'newest_day') }}) over (
            partition by monitor order by metric_date rows between 27 preceding and current row
        ) as longest_gap
    from log_days
),

-- What is usual of a gap is what was before it began: one that lasts would become so. A last day
-- that is not judged may still fill, unless the day before it was too late already.
volumes as (
    select
        days.monitor,
        days.metric_date,
        days.row_count,
        days.is_unjudged,
        days.gap_days,
        alive.longest_gap as usual_gap,
        days.day_number <= 30
        or (days.is_last and days.is_unjudged and days.gap_days <= alive.longest_gap + 1)
            as is_gap_unjudged
    from gaps as days
    left join gaps as alive
        on days.monitor = alive.monitor and days.newest_day = alive.metric_date
),

-- Each check as a share, or as a number over 1. Which features have which is for the targets of
-- policies to say, which are joined to them.
measures as (
    select
        monitor,
        metric_date,
        {{ share_rule }} as rule_id,
        'null_share' as check_name,
        feature_name as column_name,
        null_count as numerator,
        row_count as denominator,
        false as is_unjudged
    from {{ ref('int_feature_moments_daily') }}
    where origin = 'log' and segment_name = 'overall'
    union all
    select
        monitor, metric_date, {{ share_rule }}, 'non_finite_share', feature_name,
        row_count - null_count - value_count, row_count, false
    from {{ ref('int_feature_moments_daily') }}
    where origin = 'log' and segment_name = 'overall'
    union all
    select
        cells.monitor,
        cells.metric_date,
        {{ share_rule }},
        checks.check_name,
        cells.feature_name,
        sum(case when outside.bin_id is not null then cells.row_count else 0 end),
        sum(cells.row_count),
        false
    from {{ ref('int_feature_histogram_daily') }} as cells
    left join {{ ref('int_feature_bins') }} as outside
        on
            outside.bin_kind in ('below', 'above', 'unseen')
            and {{ same_columns('cells', 'outside', [
                'monitor', 'bins_version', 'feature_name', 'bin_id',
            ]) }}
    cross join (values ('out_of_range_share'), ('unseen_share')) as checks (check_name)
    where cells.origin = 'log' and cells.segment_name = 'overall'
    group by cells.monitor, cells.metric_date, checks.check_name, cells.feature_name
    union all
    select
        monitor, metric_date, {{ share_rule }}, 'null_score_share', 'all', null_scores, row_count,
        false
    from served
    union all
    select
        monitor, metric_date, {{ share_rule }}, 'invalid_score_share', 'all', invalid_scores,
        row_count, false
    from served
    union all
    select
        monitor, metric_date, 'data_quality_labels', 'unusable_label_share', 'all', unusable_labels,
        said_labels, false
    from served
    union all
    select
        facts.monitor,
        facts.metric_date,
        {{ share_rule }},
        'duplicate_share',
        'all',
        coalesce(max(repeated.rows_too_many), 0),
        sum(facts.row_count) + coalesce(max(repeated.rows_too_many), 0),
        false
    from {{ ref('int_performance_daily') }} as facts
    left join repeated
        on facts.monitor = repeated.monitor and facts.metric_date = repeated.metric_date
    where
        facts.traffic = 'live'
        and facts.model_version <> 'serving'
        and facts.segment_name = 'overall'
    group by facts.monitor, facts.metric_date
    union all
    select
        coverage.monitor, coverage.metric_date, 'label_coverage', 'label_coverage', 'all',
        served.known_labels, served.row_count, coverage.severity = 'insufficient_data'
    from {{ ref('signals') }} as coverage
    inner join served
        on coverage.monitor = served.monitor and coverage.metric_date = served.metric_date
    where coverage.rule_id = 'label_coverage'
    union all
    select monitor, metric_date, 'row_volume', 'volume', 'all', row_count, 1, is_unjudged
    from volumes
    union all
    select
        monitor, metric_date, 'data_freshness', 'freshness', 'all', gap_days, 1, is_gap_unjudged
    from volumes
),

targeted as (
    select
        measures.monitor,
        measures.metric_date,
        measures.rule_id,
        measures.check_name,
        measures.column_name,
        cast(measures.numerator as {{ type_double() }}) as numerator,
        cast(measures.denominator as {{ type_double() }}) as denominator,
        {{ ratio('measures.numerator', 'measures.denominator') }} as check_value,
        measures.is_unjudged,
        days.usual_gap,
        thresholds.threshold_yellow,
        thresholds.threshold_red,
        thresholds.min_rows,
        thresholds.evidence_z
    from measures
    -- Facts of sealed days after the as-of day are there, and not seen.
    inner join volumes as days
        on measures.monitor = days.monitor and measures.metric_date = days.metric_date
    inner join {{ ref('int_thresholds_daily') }} as thresholds
        on
            measures.monitor = thresholds.monitor
            and measures.metric_date = thresholds.metric_date
            and measures.rule_id = thresholds.rule_id
            and thresholds.metric_name = case measures.check_name
                when 'volume' then 'row_count' else measures.check_name
            end
            and thresholds.segment_name = 'overall'
            and measures.column_name = thresholds.feature_name
    where measures.denominator > 0
),

reached as (
    select
        today.*,
        reach.reached_date,
        {{ days_between('today.metric_date', 'reach.reached_date') }} as days_before
    from targeted as today
    {{ explode_days_of(add_days('today.metric_date', -28), 'today.metric_date', 'reach',
        'reached_date') }}
),

-- Sums over the 28 days before, the four days of the same weekday among them, and over the four
-- weeks that end on the day.
compared as (
    select
        today.monitor,
        today.metric_date,
        today.rule_id,
        today.check_name,
        today.column_name,
        today.numerator,
        today.denominator,
        today.check_value,
        today.is_unjudged,
        today.usual_gap,
        today.threshold_yellow,
        today.threshold_red,
        today.min_rows,
        today.evidence_z,
        {{ count_where('today.days_before > 0') }} as day_count,
        sum(case when today.days_before > 0 then earlier.numerator else 0 end) as numerator_before,
        sum(case when today.days_before > 0 then earlier.denominator else 0 end)
            as denominator_before,
        var_samp(case when today.days_before > 0 then earlier.check_value end) as day_variance,
        {{ count_where('today.days_before in (7, 14, 21, 28)') }} as weekday_count,
        sum(case when today.days_before in (7, 14, 21, 28) then earlier.check_value else 0 end)
            as weekday_sum,
        {{ count_where('today.days_before < 28') }} as trend_days,
        {% for name, term in [
            ('weight', '1'),
            ('weight_day', '-today.days_before'),
            ('weight_day_day', 'today.days_before * today.days_before'),
        ] %}
        sum(case when today.days_before < 28 then earlier.denominator * ({{ term }}) else 0 end)
            as {{ name }},
        {% endfor %}
        sum(case when today.days_before < 28 then earlier.numerator else 0 end) as weight_value,
        sum(case when today.days_before < 28 then -earlier.numerator * today.days_before else 0 end)
            as weight_day_value
    from reached as today
    inner join targeted as earlier
        on
            today.monitor = earlier.monitor
            and today.reached_date = earlier.metric_date
            and today.check_name = earlier.check_name
            and today.column_name = earlier.column_name
    group by
        today.monitor, today.metric_date, today.rule_id, today.check_name, today.column_name,
        today.numerator, today.denominator, today.check_value, today.is_unjudged, today.usual_gap,
        today.threshold_yellow, today.threshold_red, today.min_rows, today.evidence_z
),

-- What cannot be used is wrong however long it has been so: the model is not watched.
marked as (
    select
        *,
        check_name in ('invalid_score_share', 'unusable_label_share') as is_never_right,
        check_name = 'null_score_share' and check_value = 1 and denominator >= min_rows
            as is_without_scores
    from compared
),

expected as (
    select
        *,
        case
            when is_never_right then 0
            when check_name = 'volume'
                then case when weekday_count = 4 then weekday_sum / 4 end
            when day_count < 7 then null
            when check_name = 'freshness' then usual_gap
            else numerator_before / denominator_before
        end as expected,
        -- Of a share that was never seen a little is expected all the same (Laplace).
        (numerator_before + 1) / (denominator_before + 2) as smoothed_share
    from marked
),

-- How far a day lies from the mean of the days before: as these lie apart from each other, and no
-- less than its rows alone make it. It is not one of them, so no bound of sample sizes caps it.
bounded as (
    select
        *,
        case
            when is_never_right then 0
            when rule_id = {{ share_rule }} then expected + evidence_z * (
                {{ t_over_z(ratio('1', 'greatest(day_count - 1, 1)')) }}
            ) * sqrt(greatest(
                day_variance * (1 + {{ ratio('1', 'day_count') }}),
                smoothed_share * (1 - smoothed_share)
                * (1 / denominator + 1 / nullif(denominator_before, 0))
            ))
        end as upper_bound,
        case
            when rule_id in ('row_volume', 'label_coverage')
                then 1 - check_value / nullif(expected, 0)
            else check_value - expected
        end as excess,
        (weight_day_value - weight_day * weight_value / weight)
        / nullif(weight_day_day - weight_day * weight_day / weight, 0) as slope_per_day
    from expected
)

select
    monitor,
    metric_date,
    check_name,
    column_name,
    check_value,
    expected,
    upper_bound,
    case when trend_days >= 14 then 7 * slope_per_day end as trend_per_week,
    cast(numerator as bigint) as numerator,
    cast(denominator as bigint) as denominator,
    threshold_yellow,
    threshold_red,
    case
        when is_without_scores then 'red'
        when
            is_unjudged or expected is null
            or (
                rule_id in ({{ share_rule }}, 'data_quality_labels')
                and denominator < min_rows
            )
            then 'insufficient_data'
        when check_value <= upper_bound then 'ok'
        when excess >= threshold_red then 'red'
        when excess >= threshold_yellow then 'yellow'
        else 'ok'
    end as status
from bounded
