"""The evaluate job: judge a trained version against the live one and record the decision."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import polars as pl

from jobs.config.model import Monitor
from jobs.errors import ConfigurationError, WarehouseError
from jobs.evaluation.compare import Bootstrap, Comparison, HoldoutRows, compare, result_rows
from jobs.evaluation.gates import Evidence, Gate, GateLimits, decide, gate_rows
from jobs.evaluation.metrics import TASK_METRICS, debiased_ece, single_feature_auc
from jobs.training.artifact import ServingModel, load
from jobs.training.dataset import day_ordinals
from jobs.warehouse import sql_text

NO_SEGMENT = "unknown"


class EvaluationWarehouse(Protocol):
    """What the job needs of a warehouse."""

    def frame(self, sql: str) -> pl.DataFrame:
        """Rows of a query."""
        ...

    def replace(self, table: str, frame: pl.DataFrame, key: Sequence[str]) -> object:
        """Write rows over those of the same key, in one transaction."""
        ...


Connect = Callable[[], AbstractContextManager[EvaluationWarehouse]]


@dataclass(frozen=True)
class Evaluation:
    """The judgement of one run; `promoted` says whether the version may serve."""

    run_id: str
    model_version: str
    champion_version: str | None
    promoted: bool
    gates: tuple[Gate, ...]
    comparisons: tuple[Comparison, ...]


@dataclass(frozen=True)
class _Fetched:
    """What the warehouse holds about the run."""

    challenger: dict[str, Any]
    champion: dict[str, Any] | None
    """Its registration, None when the live version is a model from elsewhere."""
    rows: pl.DataFrame
    logged: pl.DataFrame
    gain: dict[str, dict[str, float]]


def evaluate(
    connect: Connect,
    monitor: Monitor,
    as_of: date,
    run_id: str,
    champion_version: str | None,
    artifacts: Path,
    limits: GateLimits | None = None,
    bootstrap: Bootstrap | None = None,
) -> Evaluation:
    """Judge the version of a training run and write `evaluation_results`, `promotion_decisions`.

    The challenger is judged by what its candidate said of the held-out weeks (`holdout_scores`).
    The live version is compared on those of these rows that it has not seen either: a registered
    version is loaded and scores the days after its `train_to` plus the label horizon; a model from
    elsewhere is judged by the scores it logged itself, made before the labels were known. Where
    fewer than `bootstrap.minimum_rows` rows or `minimum_days` days remain, `never_worse` fails and
    says so, rather than comparing on rows that flatter the live version or not at all.

    Nothing is drawn from the clock, so doing it again writes the same rows. Raises WarehouseError
    when the run is not recorded, ArtifactError when the live version cannot be loaded.
    """
    plan = bootstrap or Bootstrap()
    if champion_version == "":
        raise ConfigurationError("champion_version: found ''; expected a version or none at all")
    with connect() as warehouse:
        found = _fetch(warehouse, monitor.name, run_id, champion_version)
    version = str(found.challenger["model_version"])
    model = load(artifacts / found.challenger["artifact_path"], found.challenger["artifact_sha256"])

    absolute_rows = _holdout(found.rows, monitor)
    metric_names = list(TASK_METRICS[monitor.task])
    absolute = compare(absolute_rows, metric_names, (), monitor.decision_threshold, plan)
    paired: list[Comparison] = []
    champion_ece = paired_challenger_ece = reason = None
    if champion_version is not None:
        unseen, source = _champion_scores(found, monitor, champion_version, artifacts)
        days = unseen["metric_date"].n_unique()
        if unseen.height < plan.minimum_rows or days < plan.minimum_days:
            reason = (
                f"insufficient data: {unseen.height} rows of {days} days of the holdout are unseen "
                f"by {champion_version} ({source}); at least {plan.minimum_rows} rows of "
                f"{plan.minimum_days} days are needed; wait for more labels or lower the minimum"
            )
        else:
            rows = _holdout(unseen, monitor)
            segments = list(dict.fromkeys([monitor.primary_metric, "log_loss"]))
            paired = compare(rows, metric_names, segments, monitor.decision_threshold, plan)
            champion_ece = debiased_ece(rows.label, unseen["champion_score"].to_numpy())
            paired_challenger_ece = debiased_ece(rows.label, rows.challenger)

    evidence = Evidence(
        primary_metric=monitor.primary_metric,
        absolute=absolute,
        paired=paired,
        unpaired_reason=reason,
        has_champion=champion_version is not None,
        challenger_ece=debiased_ece(absolute_rows.label, absolute_rows.challenger),
        champion_ece=champion_ece,
        paired_challenger_ece=paired_challenger_ece,
        base_rate=float(absolute_rows.label.mean()) if len(absolute_rows) else 0.0,
        challenger_gain=found.gain.get(version, {}),
        champion_gain=found.gain.get(champion_version) if champion_version else None,
        feature_auc=_feature_auc(found.rows, model),
        challenger_rows=int(found.challenger["train_rows"]),
        champion_rows=int(found.champion["train_rows"]) if found.champion else None,
    )
    gates = decide(evidence, limits)
    comparisons = paired or absolute
    with connect() as warehouse:
        warehouse.replace(
            "driftline_jobs.evaluation_results",
            result_rows(comparisons, run_id, monitor.name, version, champion_version),
            ["run_id", "segment_name", "segment_value", "metric_name"],
        )
        # The decision is written last: it marks the results as complete.
        warehouse.replace(
            "driftline_jobs.promotion_decisions",
            gate_rows(gates, run_id, monitor.name, version, champion_version, as_of),
            ["run_id", "gate_name"],
        )
    promoted = gates[-1].status == "passed"
    return Evaluation(run_id, version, champion_version, promoted, tuple(gates), tuple(comparisons))


def _fetch(
    warehouse: EvaluationWarehouse, monitor: str, run_id: str, champion: str | None
) -> _Fetched:
    name = sql_text(monitor)
    versions = warehouse.frame(
        f"select * from driftline_jobs.model_versions where monitor = {name}"
    ).to_dicts()
    challenger = next((row for row in versions if row["run_id"] == run_id), None)
    if challenger is None:
        raise WarehouseError(
            f"run_id: found no version of monitor {monitor} made by run {run_id}; expected a "
            "finished training run; retrain first"
        )
    version = sql_text(challenger["model_version"])
    # Not from training_window: its splits have moved on when a killed cycle is finished later.
    rows = warehouse.frame(
        f"""
        select
            held.inference_id,
            held.score,
            inferences.origin,
            inferences.metric_date,
            inferences.label,
            inferences.numeric_values,
            inferences.categorical_values,
            inferences.segment_values
        from driftline_jobs.holdout_scores as held
        inner join driftline_internal.int_inferences as inferences
            on held.monitor = inferences.monitor
            and held.inference_id = inferences.inference_id
        where held.monitor = {name}
            and held.model_version = {version}
            and inferences.label is not null
            and not coalesce(inferences.is_shadow, false)
        """
    )
    logged = warehouse.frame(
        f"""
        select inferences.inference_id, inferences.score as champion_score
        from driftline_internal.int_inferences as inferences
        inner join driftline_jobs.holdout_scores as held
            on inferences.monitor = held.monitor
            and inferences.inference_id = held.inference_id
        where held.monitor = {name}
            and held.model_version = {version}
            and inferences.model_version = {sql_text(champion or "")}
            and inferences.origin = 'log'
            and inferences.score is not null
        """
    )
    importance = warehouse.frame(
        "select model_version, feature_name, gain_share from driftline_jobs.feature_importance "
        f"where monitor = {name}"
    )
    gain: dict[str, dict[str, float]] = {}
    for one, feature, share in importance.iter_rows():
        gain.setdefault(one, {})[feature] = float(share)
    return _Fetched(
        challenger=challenger,
        champion=next((row for row in versions if row["model_version"] == champion), None),
        # The log goes before the history where an id stands in both ('log' sorts last).
        rows=rows.sort("inference_id", "origin", descending=[False, True]).unique(
            "inference_id", keep="first", maintain_order=True
        ),
        logged=logged.sort("inference_id").unique(
            "inference_id", keep="first", maintain_order=True
        ),
        gain=gain,
    )


def _champion_scores(
    found: _Fetched, monitor: Monitor, champion: str, artifacts: Path
) -> tuple[pl.DataFrame, str]:
    """Holdout rows that the live version has not seen, with its scores, and how they were found."""
    if found.champion is None:
        rows = found.rows.join(found.logged, on="inference_id", how="inner", maintain_order="left")
        return rows, "a model from elsewhere, judged by the scores it logged"
    train_to = found.champion["train_to"]
    first_unseen = train_to + timedelta(days=monitor.label_horizon_days)
    rows = found.rows.filter(pl.col("metric_date") > first_unseen)
    model = load(artifacts / found.champion["artifact_path"], found.champion["artifact_sha256"])
    source = f"trained to {train_to}, label horizon {monitor.label_horizon_days} days"
    return rows.with_columns(pl.Series("champion_score", model.predict(rows))), source


def _holdout(rows: pl.DataFrame, monitor: Monitor) -> HoldoutRows:
    """Arrays for the comparison; rows without a segment's value have `unknown`, as in the marts."""
    segments = {
        name: np.asarray(
            rows["segment_values"]
            .list.get(position, null_on_oob=True)
            .cast(pl.String)
            .fill_null(NO_SEGMENT)
            .to_list(),
            dtype=np.str_,
        )
        for position, name in enumerate(monitor.segments)
    }
    has_champion = "champion_score" in rows.columns
    return HoldoutRows(
        label=rows["label"].cast(pl.Float64).to_numpy(),
        day=day_ordinals(rows["metric_date"]),
        challenger=rows["score"].cast(pl.Float64).to_numpy(),
        champion=rows["champion_score"].cast(pl.Float64).to_numpy() if has_champion else None,
        segments=segments,
    )


def _feature_auc(rows: pl.DataFrame, model: ServingModel) -> dict[str, float]:
    return single_feature_auc(
        model.encoder.transform(rows),
        rows["label"].cast(pl.Float64).to_numpy(),
        day_ordinals(rows["metric_date"]),
        model.encoder.feature_names,
        model.encoder.categorical_positions,
    )
