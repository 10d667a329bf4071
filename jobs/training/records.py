"""What a training run leaves in the warehouse, as frames in the declared order of columns."""

import importlib.metadata
import json
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import polars as pl

from jobs.training.calibrate import Calibration
from jobs.training.dataset import TrainingData
from jobs.training.train import Candidate, gain_importance
from jobs.training.weights import FloatArray, effective_sample_size

SCHEMA = "driftline_jobs"
LIBRARIES = ("lightgbm", "numpy", "polars", "scikit-learn", "scipy")
Schema = Mapping[str, type[pl.DataType]]

TRAINING_RUNS: Schema = {
    "run_id": pl.String,
    "monitor": pl.String,
    "as_of": pl.Date,
    "model_version": pl.String,
    "strategy": pl.String,
    "reason": pl.String,
    "train_from": pl.Date,
    "train_to": pl.Date,
    "holdout_from": pl.Date,
    "holdout_to": pl.Date,
    "train_rows": pl.Int64,
    "holdout_rows": pl.Int64,
    "effective_sample_size": pl.Float64,
    "best_iteration": pl.Int32,
    "data_hash": pl.String,
    "seed": pl.Int32,
    "parameters": pl.String,
    "seconds": pl.Float64,
    "recorded_at": pl.Datetime,
}
MODEL_VERSIONS: Schema = {
    "monitor": pl.String,
    "model_version": pl.String,
    "run_id": pl.String,
    "algorithm": pl.String,
    "parameters": pl.String,
    "features": pl.String,
    "train_from": pl.Date,
    "train_to": pl.Date,
    "holdout_from": pl.Date,
    "holdout_to": pl.Date,
    "train_rows": pl.Int64,
    "tree_count": pl.Int32,
    "calibration": pl.String,
    "artifact_path": pl.String,
    "artifact_sha256": pl.String,
    "code_version": pl.String,
    "environment": pl.String,
    "created_on": pl.Date,
    "recorded_at": pl.Datetime,
}


@dataclass(frozen=True)
class Trained:
    """A finished fit, saved but not recorded yet."""

    monitor: str
    model_version: str
    run_id: str
    as_of: date
    strategy: str
    reason: str
    data_hash: str
    candidate: Candidate
    calibration: Calibration
    booster: Any
    """The refitted trees that serve."""
    served: TrainingData
    """The rows the refit was fitted on."""
    holdout: TrainingData
    holdout_scores: FloatArray
    """What the candidate said of them, calibrated."""
    artifact_sha256: str


def frames(trained: Trained) -> list[tuple[str, pl.DataFrame, list[str]]]:
    """(table, rows, key) of all that is written, in the order of writing.

    `training_runs` is the last one: its row marks the others as complete.
    """
    version_key = ["monitor", "model_version"]
    return [
        (f"{SCHEMA}.holdout_scores", _holdout_scores(trained), [*version_key, "inference_id"]),
        (f"{SCHEMA}.feature_importance", _importance(trained), [*version_key, "feature_name"]),
        (f"{SCHEMA}.model_versions", _model_version(trained), version_key),
        (f"{SCHEMA}.training_runs", _training_run(trained), ["run_id"]),
    ]


def spans(served: TrainingData) -> dict[str, date]:
    """First and last day of the rows the version was fitted on, and of the held-out ones."""
    held = served.day[served.split == "holdout"]
    return {
        "train_from": date.fromordinal(int(served.day.min())),
        "train_to": date.fromordinal(int(served.day.max())),
        "holdout_from": date.fromordinal(int(held.min())),
        "holdout_to": date.fromordinal(int(held.max())),
    }


def library_versions() -> dict[str, str]:
    """Versions of Python and of the libraries that decide the result."""
    versions = {name: importlib.metadata.version(name) for name in LIBRARIES}
    return {"python": platform.python_version(), **versions}


def code_version() -> str:
    """Version of the installed package, `unknown` when it runs from a plain folder."""
    try:
        return importlib.metadata.version("driftline")
    except importlib.metadata.PackageNotFoundError:
        return "unknown"


def _training_run(trained: Trained) -> pl.DataFrame:
    row = {
        **_common(trained),
        "as_of": trained.as_of,
        "strategy": trained.strategy,
        "reason": trained.reason,
        "holdout_rows": len(trained.holdout),
        "effective_sample_size": effective_sample_size(trained.served.weight),
        "best_iteration": trained.candidate.best_iteration,
        "data_hash": trained.data_hash,
        "seed": trained.candidate.seed,
        "seconds": trained.candidate.seconds,
    }
    return pl.DataFrame([row], schema=dict(TRAINING_RUNS))


def _model_version(trained: Trained) -> pl.DataFrame:
    row = {
        **_common(trained),
        "algorithm": "lightgbm gbdt",
        "features": _json(trained.served.encoder.feature_names),
        "tree_count": int(trained.booster.num_trees()),
        "calibration": _json(trained.calibration.to_json()),
        "artifact_path": f"{trained.monitor}/{trained.model_version}",
        "artifact_sha256": trained.artifact_sha256,
        "code_version": code_version(),
        "environment": _json(library_versions()),
        "created_on": trained.as_of,
    }
    return pl.DataFrame([row], schema=dict(MODEL_VERSIONS))


def _common(trained: Trained) -> dict[str, Any]:
    """Columns that the run and its version share."""
    return {
        "monitor": trained.monitor,
        "model_version": trained.model_version,
        "run_id": trained.run_id,
        **spans(trained.served),
        "train_rows": len(trained.served),
        "parameters": _json(trained.candidate.parameters),
        "recorded_at": datetime.now(UTC).replace(tzinfo=None),
    }


def _holdout_scores(trained: Trained) -> pl.DataFrame:
    return _of_version(
        trained,
        {"inference_id": trained.holdout.ids.tolist(), "score": trained.holdout_scores},
    )


def _importance(trained: Trained) -> pl.DataFrame:
    gain = gain_importance(trained.booster)
    total = gain.sum()
    return _of_version(
        trained,
        {
            "feature_name": list(trained.served.encoder.feature_names),
            "gain": gain,
            "gain_share": gain / total if total > 0 else gain,
        },
    )


def _of_version(
    trained: Trained, columns: Mapping[str, Sequence[str] | FloatArray]
) -> pl.DataFrame:
    return pl.DataFrame(dict(columns)).select(
        pl.lit(trained.monitor).alias("monitor"),
        pl.lit(trained.model_version).alias("model_version"),
        pl.all(),
    )


def _json(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)
