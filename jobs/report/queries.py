"""Every query of the report, on public relations only, each readable and runnable by itself.

A query names its values (`$monitor`, `$as_of`); `Query.fetch` binds them as parameters and
`Query.as_text` writes them as literals, so the page shows exactly what it has asked.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from jobs.warehouse import Warehouse, quoted

SLOT = re.compile(r"\{schema\}|\$(\w+)")
PLAIN_NAME = re.compile(r"[a-z_][a-z0-9_]*")

Value = str | int | date | None
Values = Mapping[str, Value]


@dataclass(frozen=True)
class Query:
    """SQL with `{schema}` for the public schema and `$name` for values."""

    sql: str

    def fetch(self, warehouse: Warehouse, schema: str, values: Values) -> pl.DataFrame:
        """Return the rows; raises WarehouseError when a relation cannot be read."""
        params: list[Value] = []

        def bound(value: Value) -> str:
            params.append(value)
            return "cast(? as date)" if isinstance(value, date) else "?"

        return warehouse.frame(self._filled(schema, values, bound), params)

    def as_text(self, schema: str, values: Values) -> str:
        """Return the same query with its values as literals, to be pasted into any client."""
        return self._filled(schema, values, _literal).strip()

    def _filled(self, schema: str, values: Values, fill: Callable[[Value], str]) -> str:
        name = schema if PLAIN_NAME.fullmatch(schema) else quoted(schema)
        return SLOT.sub(lambda slot: fill(values[slot[1]]) if slot[1] else name, self.sql)


def _literal(value: Value) -> str:
    if value is None:
        return "null"
    if isinstance(value, date):
        return f"date '{value.isoformat()}'"
    if isinstance(value, int):
        return str(value)
    return "'" + value.replace("'", "''") + "'"


MONITORS = Query("""
select
    monitor, description, owner, task, primary_metric, time_zone, label_horizon_days,
    can_retrain, bins_version, as_of
from {schema}.monitors
order by monitor
""")

METRIC = Query("""
select metric_name, title, direction, unit, change_kind, description
from {schema}.metric_definitions
where monitor = $monitor and metric_name = $metric
""")

HEALTH = Query("""
select
    metric_date, severity, live_version, primary_metric, primary_value, primary_lower_bound,
    primary_upper_bound, primary_value_when_deployed, open_alerts, last_retrained_on, next_step
from {schema}.model_health
where monitor = $monitor and metric_date <= $as_of
order by metric_date desc
limit 1
""")

VERSIONS = Query("""
select model_version, created_on, train_from, train_to, train_rows
from {schema}.model_versions
where monitor = $monitor and created_on <= $as_of
order by created_on, length(model_version), model_version
""")

DEPLOYMENTS = Query("""
select
    deployment_id, model_version, previous_version, action, effective_on, decided_by, reason
from {schema}.deployments
where monitor = $monitor and effective_on <= $day_after
order by effective_on, deployment_id
""")

PERFORMANCE = Query("""
select
    metric_date, window_days, model_version, metric_value, lower_bound, upper_bound,
    labeled_rows, label_coverage, status,
    is_mature and metric_date <= $settled_day and status <> 'insufficient_data' as is_settled
from {schema}.performance
where
    monitor = $monitor
    and model_version in ('serving', $baseline)
    and segment_name = 'overall'
    and metric_name = $metric
    and reference = 'training'
    and window_days in (7, 30)
    and metric_date between $first_day and $as_of
order by window_days, model_version, metric_date
""")

DRIFT = Query("""
with ranked as (
    select
        feature_name,
        cast(date_trunc('week', metric_date) as date) as week_start,
        metric_date, psi, psi_null_p99, q_value, false_discovery_rate, current_rows, status,
        row_number() over (
            partition by feature_name, date_trunc('week', metric_date)
            order by
                case when status = 'insufficient_data' or psi is null then 1 else 0 end,
                psi desc, metric_date
        ) as psi_rank
    from {schema}.feature_drift
    where
        monitor = $monitor
        and segment_name = 'overall'
        and reference = 'training'
        and window_days = 7
        and metric_date between $first_day and $as_of
)
select
    feature_name, week_start, metric_date, psi, psi_null_p99, current_rows, status,
    case
        when status = 'insufficient_data' or psi is null then 'too few rows'
        when psi > psi_null_p99 and q_value <= false_discovery_rate then 'significant'
        else 'within noise'
    end as evidence
from ranked
where psi_rank = 1
order by feature_name, week_start
""")

TOGETHER = Query("""
select metric_date, reference, status, domain_auc, null_p99, top_features, note
from {schema}.multivariate_drift
where monitor = $monitor and metric_date between $first_day and $as_of
order by metric_date desc, window_days, reference desc
limit 2
""")

CONTRIBUTIONS = Query("""
with newest as (
    select metric_date, window_days
    from {schema}.contribution_drift
    where monitor = $monitor and metric_date between $first_day and $as_of
    order by metric_date desc, window_days
    limit 1
)
select
    drift.metric_date, drift.model_version, drift.feature_name, drift.status,
    drift.contribution_share, drift.reference_share, drift.share_change, drift.lower_bound,
    drift.upper_bound, drift.score_effect, drift.note
from {schema}.contribution_drift as drift
inner join newest
    on drift.metric_date = newest.metric_date and drift.window_days = newest.window_days
where drift.monitor = $monitor and drift.reference = 'training'
order by drift.contribution_rank, drift.feature_name
""")

IMPORTANCE = Query("""
select feature_name, gain_share
from {schema}.feature_importance
where monitor = $monitor and model_version = $live_version
order by gain_share desc, feature_name
""")

LATEST_DRIFT = Query("""
select feature_name, psi, psi_null_p99, status
from {schema}.feature_drift
where
    monitor = $monitor
    and segment_name = 'overall'
    and reference = 'training'
    and window_days = 30
    and metric_date = $as_of
order by feature_name
""")

FEATURES = Query("""
with counted as (
    select
        feature_name, bin_id,
        sum(case when metric_date between $reference_from and $reference_to
            and origin in ($first_origin, $second_origin) then row_count else 0 end) as then_rows,
        sum(case when metric_date between $current_from and $as_of
            and origin = 'log' then row_count else 0 end) as now_rows
    from {schema}.feature_histograms
    where monitor = $monitor and segment_name = 'overall' and bins_version = $bins_version
    group by feature_name, bin_id
)
select
    counted.feature_name, bins.feature_kind, counted.bin_id, bins.bin_kind,
    bins.lower_bound, bins.upper_bound, bins.category,
    cast(counted.then_rows as bigint) as then_rows,
    cast(counted.now_rows as bigint) as now_rows,
    counted.then_rows * 1.0
        / nullif(sum(counted.then_rows) over (partition by counted.feature_name), 0) as then_share,
    counted.now_rows * 1.0
        / nullif(sum(counted.now_rows) over (partition by counted.feature_name), 0) as now_share
from counted
inner join {schema}.feature_bins as bins
    on
        bins.monitor = $monitor
        and bins.bins_version = $bins_version
        and counted.feature_name = bins.feature_name
        and counted.bin_id = bins.bin_id
where counted.then_rows + counted.now_rows > 0
order by counted.feature_name, counted.bin_id
""")

HISTOGRAM_DAYS = Query("""
select
    min(case when origin = 'history' then metric_date end) as history_from,
    max(case when origin = 'history' then metric_date end) as history_to,
    min(case when origin = 'log' then metric_date end) as log_from
from {schema}.feature_histograms
where monitor = $monitor and segment_name = 'overall' and bins_version = $bins_version
""")

SCORE_DAYS = Query("""
select min(metric_date) as log_from
from {schema}.prediction_histograms
where
    monitor = $monitor
    and model_version = 'serving'
    and segment_name = 'overall'
    and bins_version = $bins_version
""")

SCORES = Query("""
with counted as (
    select
        bin_id,
        sum(case when metric_date between $stable_from and $stable_to
            then row_count else 0 end) as then_rows,
        sum(case when metric_date between $current_from and $as_of
            then row_count else 0 end) as now_rows
    from {schema}.prediction_histograms
    where
        monitor = $monitor
        and model_version = 'serving'
        and segment_name = 'overall'
        and bins_version = $bins_version
    group by bin_id
)
select
    counted.bin_id, bins.bin_kind, bins.lower_bound, bins.upper_bound,
    cast(counted.then_rows as bigint) as then_rows,
    cast(counted.now_rows as bigint) as now_rows,
    counted.then_rows * 1.0 / nullif(sum(counted.then_rows) over (), 0) as then_share,
    counted.now_rows * 1.0 / nullif(sum(counted.now_rows) over (), 0) as now_share
from counted
inner join {schema}.prediction_bins as bins
    on
        bins.monitor = $monitor
        and bins.bins_version = $bins_version
        and counted.bin_id = bins.bin_id
where counted.then_rows + counted.now_rows > 0
order by counted.bin_id
""")

CALIBRATION = Query("""
select
    metric_date, model_version, bin_id, mean_score, observed_rate, lower_bound, upper_bound,
    row_count
from {schema}.calibration
where
    monitor = $monitor
    and model_version in ('serving', $baseline)
    and segment_name = 'overall'
    and window_days = 30
    and metric_date = (
        select max(metric_date) from {schema}.calibration
        where monitor = $monitor and segment_name = 'overall' and window_days = 30
            and model_version = 'serving' and metric_date <= $settled_day
    )
order by model_version, bin_id
""")

CALIBRATION_SUMMARY = Query("""
select
    metric_date, model_version, labeled_rows, mean_score, observed_rate, ece, slope, intercept,
    status
from {schema}.calibration_summary
where
    monitor = $monitor
    and model_version in ('serving', $baseline)
    and segment_name = 'overall'
    and window_days = 30
    and metric_date = (
        select max(metric_date) from {schema}.calibration_summary
        where monitor = $monitor and segment_name = 'overall' and window_days = 30
            and model_version = 'serving' and metric_date <= $settled_day
    )
order by model_version
""")

SEGMENTS = Query("""
select
    metric_date, segment_name, segment_value, metric_value, lower_bound, upper_bound,
    reference_value, relative_change, metric_value - reference_value as difference, noise_bound,
    labeled_rows, status
from {schema}.performance
where
    monitor = $monitor
    and model_version = 'serving'
    and metric_name = $metric
    and reference = 'training'
    and window_days = 30
    and metric_date = (
        select max(metric_date) from {schema}.performance
        where monitor = $monitor and model_version = 'serving' and segment_name = 'overall'
            and metric_name = $metric and window_days = 30 and metric_date <= $settled_day
    )
order by
    case when segment_name = 'overall' then 0 else 1 end,
    segment_name, labeled_rows desc, segment_value
""")

ALERTS = Query("""
select
    layer, metric_name, feature_name, segment_name, segment_value, opened_on, last_seen_on,
    case when resolved_on <= $as_of then resolved_on end as resolved_on,
    case when resolved_on <= $as_of then 'resolved' else 'open' end as status,
    severity, worst_severity, metric_value, reference_value, threshold, reason, runbook, owner,
    alert_id
from {schema}.alerts
where
    monitor = $monitor
    and opened_on <= $as_of
    and (resolved_on is null or resolved_on >= $first_day)
order by
    case when resolved_on <= $as_of then 1 else 0 end,
    case severity when 'red' then 0 else 1 end,
    case when segment_name = 'overall' then 0 else 1 end,
    layer, opened_on, metric_name, feature_name, segment_name, segment_value
""")

TRAINING_RUNS = Query("""
select
    run_id, as_of, model_version, strategy, reason, train_from, train_to, holdout_from,
    holdout_to, train_rows, holdout_rows, effective_sample_size, best_iteration
from {schema}.training_runs
where monitor = $monitor and as_of <= $as_of
order by as_of desc, run_id
""")

GATES = Query("""
select
    run_id, gate_name, model_version, champion_version, status, observed, required, reason,
    decided_on
from {schema}.promotion_decisions
where monitor = $monitor and decided_on <= $as_of
order by
    run_id,
    case status when 'failed' then 0 when 'passed' then 1 else 2 end,
    gate_name
""")

COMPARISONS = Query("""
select
    results.run_id, results.challenger_version, results.champion_version, results.segment_name,
    results.segment_value, results.metric_name, results.row_count, results.day_count,
    results.challenger_value, results.champion_value, results.difference, results.lower_bound,
    results.upper_bound
from {schema}.evaluation_results as results
inner join {schema}.training_runs as runs
    on results.monitor = runs.monitor and results.run_id = runs.run_id
where results.monitor = $monitor and runs.as_of <= $as_of
order by
    results.run_id,
    case when results.segment_name = 'overall' then 0 else 1 end,
    case when results.metric_name = $metric then 0 else 1 end,
    results.segment_name, results.segment_value, results.metric_name
""")

DECISIONS = Query("""
select decision_date, decision, strategy, triggers, reason, throttled_until
from {schema}.retraining_decisions
where monitor = $monitor and decision_date <= $as_of
order by decision_date desc
""")
