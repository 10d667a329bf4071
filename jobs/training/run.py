"""The retrain job: fetch the training window, fit without a connection, write everything back."""

import hashlib
import json
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Protocol

import polars as pl

from jobs.config.model import Monitor
from jobs.errors import ConfigurationError
from jobs.evaluation.gates import Gate, gate_rows
from jobs.training.artifact import ServingModel, read_facts, save
from jobs.training.calibrate import Calibration, anchored, fit_calibration
from jobs.training.dataset import Encoder, TrainingData, build_dataset, data_hash, day_ordinals
from jobs.training.records import Trained, frames, library_versions, spans
from jobs.training.train import (
    Candidate,
    Parameters,
    Progress,
    complete_parameters,
    predict_raw,
    refit,
    train_candidate,
)
from jobs.training.validate import Check, DataLimits, require_passed, validate
from jobs.training.weights import Weighting
from jobs.warehouse import sql_text


class TrainingWarehouse(Protocol):
    """What the job needs of a warehouse."""

    def frame(self, sql: str) -> pl.DataFrame:
        """Rows of a query."""
        ...

    def replace(self, table: str, frame: pl.DataFrame, key: Sequence[str]) -> object:
        """Write rows over those of the same key, in one transaction."""
        ...


Connect = Callable[[], AbstractContextManager[TrainingWarehouse]]


@dataclass(frozen=True)
class TrainingPlan:
    """How to train: what a policy or the command line may choose."""

    strategy: str = "full"
    reason: str = ""
    parameters: Mapping[str, Any] | None = None
    """LightGBM parameters over the defaults, for example those of the live version."""
    seed: int = 0
    weighting: Weighting = field(default_factory=Weighting)
    limits: DataLimits | None = None
    time_limit_seconds: float | None = None
    max_rows: int | None = None
    """Most rows that are fetched; None for all."""


@dataclass(frozen=True)
class TrainingOutcome:
    """What a retrain left behind; `already_done` when the run had been recorded before."""

    run_id: str
    model_version: str
    already_done: bool


@dataclass(frozen=True)
class _Known:
    """What the warehouse knew of the monitor when the job began."""

    rows: pl.DataFrame
    runs: Mapping[str, str]
    """run_id to version, of finished runs."""
    versions: Mapping[str, str]
    """Version to run_id, of registered versions."""
    logged: frozenset[str]
    """Versions that stand in the log, registered or not."""


def retrain(
    connect: Connect,
    monitor: Monitor,
    as_of: date,
    artifacts: Path,
    plan: TrainingPlan | None = None,
    progress: Progress | None = None,
) -> TrainingOutcome:
    """Train, calibrate, refit, save and record one version of a monitor.

    `artifacts` is the folder that holds `<monitor>/<version>/`. A connection is open while rows
    are fetched and while results are written, not while models are fitted. A recorded run is
    returned as it is; a killed one is finished under the version it had. Raises
    ValidationFailedError (after recording the failed checks), ConfigurationError for a strategy or
    parameter that is not built, and what `train_candidate` and `save` raise.
    """
    plan = plan or TrainingPlan()
    if plan.strategy != "full":
        raise ConfigurationError(
            f"strategy: found {plan.strategy!r}; expected 'full', the only one that is built"
        )
    parameters = complete_parameters(plan.parameters, monitor.task)
    with connect() as warehouse:
        known = _fetch(warehouse, monitor, plan.max_rows)
    fingerprint = data_hash(known.rows)
    run_id = make_run_id(monitor.name, as_of, plan, fingerprint, parameters)
    if run_id in known.runs:
        return TrainingOutcome(run_id, known.runs[run_id], already_done=True)

    checks = validate(known.rows, monitor.numeric, monitor.categorical, as_of, plan.limits)
    if any(check.status == "failed" for check in checks):
        refused = refusal_rows(checks, run_id, plan.limits or DataLimits(), monitor.name, as_of)
        with connect() as warehouse:
            warehouse.replace(
                "driftline_jobs.promotion_decisions", refused, ["run_id", "gate_name"]
            )
        require_passed(checks)

    version = choose_version(run_id, known.versions, known.logged, artifacts / monitor.name)
    trained = _fit(known.rows, monitor, as_of, artifacts, plan, parameters, progress, run_id,
                   version, fingerprint)  # fmt: skip
    with connect() as warehouse:
        for table, rows, key in frames(trained):
            warehouse.replace(table, rows, key)
    return TrainingOutcome(run_id, version, already_done=False)


def make_run_id(
    monitor: str, as_of: date, plan: TrainingPlan, data: str, parameters: Parameters
) -> str:
    """The same work has the same id: 16 hex digits of a sha256 over all that decides the result.

    That is monitor, as-of day, strategy, data hash, parameters, seed and weighting.
    """
    parts = [
        monitor, as_of.isoformat(), plan.strategy, data, parameters, plan.seed,
        asdict(plan.weighting),
    ]  # fmt: skip
    return _short_hash(parts)


def choose_version(
    run_id: str, versions: Mapping[str, str], logged: Collection[str], folder: Path
) -> str:
    """`v<N>`, N = 1 + number of versions, or the next N that nothing else has taken.

    `versions` maps the registered versions to their run_id. A run that was killed finds its name
    again, in the registry or as an artifact in `folder`; the artifact of another killed run and a
    name that stands in the log (a model from elsewhere) are stepped over, never overwritten.
    """
    for name, owner in versions.items():
        if owner == run_id:
            return name
    number = 1 + len(versions)
    while True:
        name = f"v{number}"
        number += 1
        if name in versions or name in logged:
            continue
        if not (folder / name).exists() or read_facts(folder / name).get("run_id") == run_id:
            return name


def refusal_rows(
    checks: Sequence[Check], run_id: str, limits: DataLimits, monitor: str, as_of: date
) -> pl.DataFrame:
    """Rows of `promotion_decisions` for data that were refused: nothing was trained.

    Gates are named `data_<check>`, then the failed verdict. Their run_id is derived from the run
    and the limits, so that a later try under other limits does not mix with them.
    """
    gates = [
        Gate(
            f"data_{check.name}",
            "failed" if check.status == "failed" else "passed",
            None,
            None,
            f"{check.status}: found {check.observed}; expected {check.required}; {check.reason}",
        )
        for check in checks
    ]
    failed = [check.name for check in checks if check.status == "failed"]
    reason = f"nothing was trained; failed data checks: {', '.join(failed)}"
    gates.append(Gate("verdict", "failed", float(len(failed)), 0.0, reason))
    refused_id = _short_hash(["refused", run_id, asdict(limits)])
    return gate_rows(gates, refused_id, monitor, None, None, as_of)


def _fetch(warehouse: TrainingWarehouse, monitor: Monitor, max_rows: int | None) -> _Known:
    """What the warehouse knows of the monitor, at most `max_rows` rows of its training window.

    Which rows are left out depends on their ids alone (md5, the same on every engine): the same
    window gives the same sample, in which splits and classes keep their shares up to chance.
    """
    name = sql_text(monitor.name)
    sampled = ""
    if max_rows is not None:
        sampled = (
            "order by md5(training.inference_id), training.inference_id, training.metric_date "
            f"limit {max_rows}"
        )
    rows = warehouse.frame(
        f"""
        select
            training.inference_id,
            training.predicted_at,
            training.metric_date,
            training.label,
            training.sample_weight,
            training.split,
            inferences.numeric_values,
            inferences.categorical_values
        from driftline.training_window as training
        inner join driftline_internal.int_inferences as inferences
            on training.monitor = inferences.monitor
            and training.inference_id = inferences.inference_id
            and training.origin = inferences.origin
            and training.model_version = inferences.model_version
            and training.metric_date = inferences.metric_date
        where training.monitor = {name}
            and training.split <> 'excluded'
            and not coalesce(inferences.is_shadow, false)
        {sampled}
        """
    )
    runs = warehouse.frame(
        f"select run_id, model_version from driftline_jobs.training_runs where monitor = {name}"
    )
    versions = warehouse.frame(
        f"select model_version, run_id from driftline_jobs.model_versions where monitor = {name}"
    )
    # The facts know every version of the log; to ask the log itself is to read and rank all of it.
    logged = warehouse.frame(
        "select distinct model_version from driftline_internal.int_performance_daily "
        f"where monitor = {name}"
    )
    return _Known(
        rows=rows,
        runs=dict(runs.iter_rows()),
        versions=dict(versions.iter_rows()),
        logged=frozenset(logged["model_version"].to_list()),
    )


def _fit(
    rows: pl.DataFrame,
    monitor: Monitor,
    as_of: date,
    artifacts: Path,
    plan: TrainingPlan,
    parameters: Parameters,
    progress: Progress | None,
    run_id: str,
    version: str,
    fingerprint: str,
) -> Trained:
    """Everything between fetching and recording; the artifact is on disk afterwards."""
    folder = artifacts / monitor.name / version
    # An artifact of a killed try fixes the rounds: a time limit must not change the result.
    rounds = int(read_facts(folder)["best_iteration"]) if folder.exists() else None
    learned = rows.filter(pl.col("split") == "train")
    data = build_dataset(rows, Encoder.fit(learned, monitor.numeric, monitor.categorical))
    candidate = train_candidate(
        data, parameters, plan.seed, plan.time_limit_seconds, progress, rounds
    )
    calibration = calibrate_candidate(candidate, data)
    holdout = data.part("holdout")
    served = served_rows(rows, monitor, plan.weighting)
    booster = refit(served, parameters, candidate.best_iteration, plan.seed)
    served_calibration = anchored(
        calibration, predict_raw(booster, served.features), served.label, served.weight
    )
    facts = {
        "monitor": monitor.name,
        "model_version": version,
        "run_id": run_id,
        "as_of": as_of.isoformat(),
        "strategy": plan.strategy,
        "best_iteration": candidate.best_iteration,
        "data_hash": fingerprint,
        "seed": plan.seed,
        "parameters": parameters,
        "weighting": asdict(plan.weighting),
        "train_rows": len(served),
        "environment": library_versions(),
        **{name: day.isoformat() for name, day in spans(served).items()},
    }
    checksum = save(
        folder, ServingModel(booster, served.encoder, served_calibration, facts, monitor.task)
    )
    return Trained(
        monitor=monitor.name,
        model_version=version,
        run_id=run_id,
        as_of=as_of,
        strategy=plan.strategy,
        reason=plan.reason,
        data_hash=fingerprint,
        candidate=candidate,
        calibration=served_calibration,
        booster=booster,
        served=served,
        holdout=holdout,
        holdout_scores=calibration.apply(candidate.raw_scores(holdout.features)),
        artifact_sha256=checksum,
    )


def calibrate_candidate(candidate: Candidate, data: TrainingData) -> Calibration:
    """Slope from the validation split, which the candidate was not fitted on; base rate from all
    rows before the holdout. The refit keeps the slope and is anchored on its own rows."""
    judged = data.part("validation")
    fitted = fit_calibration(candidate.raw_scores(judged.features), judged.label, judged.weight)
    seen = data.part("train", "validation")
    return anchored(fitted, candidate.raw_scores(seen.features), seen.label, seen.weight)


def served_rows(rows: pl.DataFrame, monitor: Monitor, weighting: Weighting) -> TrainingData:
    """All matured rows, encoded on all of them and weighted from the newest day back."""
    day = day_ordinals(rows["metric_date"])
    encoder = Encoder.fit(rows, monitor.numeric, monitor.categorical)
    return build_dataset(rows, encoder, weighting.weights(day.max() - day))


def _short_hash(parts: Sequence[Any]) -> str:
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]
