"""Rows of scored and labelled predictions whose long-run metrics are known.

A row's logit score is normal around what its day has, its label is drawn with a probability that
rises with it. Each day of each replicate shifts both by an effect of its own, so that rows of a day
are alike; with effects of size 0 all rows are independent.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

import duckdb
import numpy as np
import polars as pl
from sklearn import metrics

FIRST_DAY = date(2024, 1, 1)
THRESHOLD = 0.4
MEAN_LOGIT, SPREAD = -1.0, 1.3
SLOPE = 0.85
LONG_RUN_ROWS = 4_000_000
MAP_DAYS = 28

ROWS = """
create or replace table serving.{table} as
select
    row_number() over () as row_id,
    date '{first_day}' + cast(day as integer) + number * interval 1 second as predicted_at,
    'v1' as version,
    'r' || replicate as replicate,
    true as is_shadow,
    * exclude (replicate, day, number)
from drawn
"""


class Simulated(Protocol):
    """Rows of one monitor whose long-run metrics are known."""

    @property
    def name(self) -> str: ...

    def long_run(self) -> dict[str, float]:
        """The metrics of infinitely many days."""

    def write(
        self,
        connection: duckdb.DuckDBPyConnection,
        table: str,
        replicates: int,
        days: int,
        rows_a_day: int,
    ) -> None:
        """Create `serving.<table>`, the same rows each time."""

    def monitor(self, table: str) -> dict[str, Any]:
        """What watches such a table, each replicate as a segment."""


@dataclass(frozen=True)
class Process:
    """How rows come to be: effects of days are standard deviations on the logit scale, the
    intercept says how rare positives are."""

    name: str
    effect_on_score: float = 0.0
    effect_on_label: float = 0.0
    intercept: float = 0.1
    later_score: float = 0.0
    """What the logit of scores and, with them, of labels moves by after the first 28 days."""
    later_label: float = 0.0
    """What that of labels alone moves by."""

    def long_run(self) -> dict[str, float]:
        """The metrics of infinitely many days, from so many rows, each of a day of its own."""
        rng = np.random.default_rng(20240101)
        normal = rng.normal(size=(3, LONG_RUN_ROWS))
        logit = MEAN_LOGIT + self.effect_on_score * normal[0] + SPREAD * normal[1]
        chance = _sigmoid(SLOPE * logit + self.intercept + self.effect_on_label * normal[2])
        label, score = rng.random(LONG_RUN_ROWS) < chance, _sigmoid(logit)
        called, auc = score >= THRESHOLD, float(metrics.roc_auc_score(label, score))
        return {
            "bias of scores": float((score - label).mean()),
            "accuracy": float(metrics.accuracy_score(label, called)),
            "precision": float(metrics.precision_score(label, called)),
            "recall": float(metrics.recall_score(label, called)),
            "f1": float(metrics.f1_score(label, called)),
            "roc_auc": auc,
            "gini": 2 * auc - 1,
            "average_precision": float(metrics.average_precision_score(label, score)),
            "log_loss": float(metrics.log_loss(label, score)),
            "brier": float(metrics.brier_score_loss(label, score)),
        }

    def rate_at(self, logit: np.ndarray) -> np.ndarray:
        """The share of positives among rows with such a score, of infinitely many days."""
        effects, weights = np.polynomial.hermite_e.hermegauss(40)
        grid = np.linspace(logit.min(), logit.max(), 10_000)
        inner = SLOPE * grid[:, None] + self.intercept + self.effect_on_label * effects
        return np.interp(logit, grid, _sigmoid(inner) @ weights / weights.sum())

    def write(
        self,
        connection: duckdb.DuckDBPyConnection,
        table: str,
        replicates: int,
        days: int,
        rows_a_day: int,
    ) -> None:
        """Create `serving.<table>`, the same rows each time."""
        rng = np.random.default_rng(list(f"{self.name} {rows_a_day}".encode()))
        effects = rng.normal(size=(2, replicates, days, 1))
        shape = (replicates, days, rows_a_day)
        later = (np.arange(days) >= MAP_DAYS)[:, None]
        mean = MEAN_LOGIT + self.later_score * later
        logit = mean + self.effect_on_score * effects[0] + SPREAD * rng.normal(size=shape)
        intercept = self.intercept + self.later_label * later
        chance = _sigmoid(SLOPE * logit + intercept + self.effect_on_label * effects[1])
        columns = {
            "logit": logit,
            "score": _sigmoid(logit),
            "label": (rng.random(shape) < chance).astype(np.int32),
            "rate": self.rate_at(logit),
        }
        write_rows(connection, table, columns)

    def monitor(self, table: str) -> dict[str, Any]:
        return monitor(table)


def write_rows(
    connection: duckdb.DuckDBPyConnection, table: str, columns: Mapping[str, np.ndarray]
) -> None:
    """Create `serving.<table>` of columns whose shapes are (replicates, days, rows a day)."""
    replicate, day, number = np.indices(next(iter(columns.values())).shape, dtype=np.int32)
    places = {"replicate": replicate, "day": day, "number": number}
    drawn = pl.DataFrame({name: array.ravel() for name, array in (places | columns).items()})
    connection.register("drawn", drawn.to_arrow())
    connection.execute(ROWS.format(table=table, first_day=FIRST_DAY))
    connection.unregister("drawn")


def _sigmoid(logit: np.ndarray) -> np.ndarray:
    return np.asarray(1 / (1 + np.exp(-logit)))


def monitor(table: str) -> dict[str, Any]:
    """What watches a table of binary scores."""
    return watched(table) | {
        "task": "binary",
        "decision_threshold": THRESHOLD,
        "features": {"numeric": ["logit"]},
        "primary_metric": "roc_auc",
    }


def watched(table: str) -> dict[str, Any]:
    """What all such monitors have, whatever their task."""
    return {
        "description": "Simulated",
        "owner": "tests",
        "inferences": {"source": ["serving", table]},
        "columns": {
            "id": "row_id",
            "predicted_at": "predicted_at",
            "model_version": "version",
            "score": "score",
            "label": "label",
        },
        "time_zone": "UTC",
        "label_horizon_days": 0,
        "segments": {"replicate": "replicate"},
    }
