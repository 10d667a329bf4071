"""Rows of the other tasks whose long-run metrics are known.

As in `processes`, each day of each replicate shifts all of its rows: `day_effect` is how far, in
standard deviations of what rows differ by. With 0 all rows are independent.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
from sklearn import metrics

from tests.simulation.processes import LONG_RUN_ROWS, watched, write_rows

Array = npt.NDArray[Any]
Shape = tuple[int, int, int]
CLASSES = ("low", "middle", "high")
ANSWERS, DEPTH = 5, 3


@dataclass(frozen=True)
class OfTask(ABC):
    """Rows that are drawn in arrays of the shape (replicates, days, rows a day)."""

    name: str
    day_effect: float = 0.0

    @abstractmethod
    def draw(self, rng: np.random.Generator, shape: Shape) -> dict[str, Array]:
        """The columns of so many rows, queries in a ranking."""

    @abstractmethod
    def values(self, columns: Mapping[str, Array]) -> dict[str, float]:
        """Their metrics."""

    @abstractmethod
    def monitor(self, table: str) -> dict[str, Any]:
        """What watches such a table, each replicate as a segment."""

    def long_run(self) -> dict[str, float]:
        """The metrics of 4 million rows, each of a day of its own. They are off by a fourteenth of
        what the metrics of 20,000 independent rows are off by, by less of fewer."""
        columns = self.draw(np.random.default_rng(20240101), (1, LONG_RUN_ROWS, 1))
        return self.values(columns)

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
        write_rows(connection, table, self.draw(rng, (replicates, days, rows_a_day)))

    def of_days(self, rng: np.random.Generator, shape: Shape) -> Array:
        """A shift of each day, for all of its rows."""
        return self.day_effect * rng.normal(size=(*shape[:2], 1))


@dataclass(frozen=True)
class Regression(OfTask):
    """Prices: their logarithm is normal, the prediction is off by a share of them. Days move
    prices, the bias of the predictions and how far they scatter."""

    price_spread: float = 0.5
    error_spread: float = 0.25

    def draw(self, rng: np.random.Generator, shape: Shape) -> dict[str, Array]:
        level, bias, scatter = (self.of_days(rng, shape) for _ in range(3))
        label = np.exp(3 + self.price_spread * (level + rng.normal(size=shape)))
        error = self.error_spread * (bias + np.exp(scatter) * rng.normal(size=shape))
        return {"score": label * (1 + error), "label": label}

    def values(self, columns: Mapping[str, Array]) -> dict[str, float]:
        label, score = columns["label"].ravel(), columns["score"].ravel()
        error = np.abs(score - label)
        return {
            "rmse": float(metrics.root_mean_squared_error(label, score)),
            "mae": float(error.mean()),
            "r2": float(metrics.r2_score(label, score)),
            "mape": float((error / label).mean()),
            "wape": float(error.sum() / label.sum()),
        }

    def monitor(self, table: str) -> dict[str, Any]:
        task = {"task": "regression", "primary_metric": "rmse"}
        return watched(table) | task | {"features": {"numeric": ["score"]}}


@dataclass(frozen=True)
class Multiclass(OfTask):
    """Three classes whose probabilities the scores exaggerate; `rarity` takes from the last one.
    Days move the scores and, for themselves, the labels."""

    rarity: float = 0.0

    def draw(self, rng: np.random.Generator, shape: Shape) -> dict[str, Array]:
        tilt = (0.8, 0.2, -self.rarity)
        scores, truths = [], []
        for of_class in tilt:
            logit = of_class + self.of_days(rng, shape) + rng.normal(size=shape)
            chance = 0.8 * logit + self.of_days(rng, shape)
            scores.append(np.exp(logit))
            # The greatest with Gumbel noise comes out as often as the softmax says.
            truths.append(chance + rng.gumbel(size=shape))
        total = np.sum(scores, axis=0)
        columns = {name: score / total for name, score in zip(CLASSES, scores, strict=True)}
        return columns | {"label": np.array(CLASSES)[np.argmax(truths, axis=0)]}

    def values(self, columns: Mapping[str, Array]) -> dict[str, float]:
        scores = np.column_stack([columns[name].ravel() for name in CLASSES])
        label = columns["label"].ravel()
        came_true = np.column_stack([label == name for name in CLASSES])
        called = np.array(CLASSES)[scores.argmax(axis=1)]
        return {
            "bias of scores": float(scores.max(axis=1).mean() - (called == label).mean()),
            "accuracy": float((called == label).mean()),
            "log_loss": float(-np.log(scores[came_true]).mean()),
            "macro_f1": float(metrics.f1_score(label, called, average="macro")),
            "macro_roc_auc": float(metrics.roc_auc_score(came_true, scores, average="macro")),
        }

    def monitor(self, table: str) -> dict[str, Any]:
        watch = watched(table)
        columns = {role: name for role, name in watch["columns"].items() if role != "score"}
        columns["class_scores"] = {name: name for name in CLASSES}
        task = {"task": "multiclass", "primary_metric": "macro_f1", "columns": columns}
        return watch | task | {"features": {"numeric": [CLASSES[0]]}}


@dataclass(frozen=True)
class Ranking(OfTask):
    """Queries of five answers, of which three count; relevance is 0, 1 or 2. Days move how much is
    relevant and how well the scores tell."""

    def draw(self, rng: np.random.Generator, shape: Shape) -> dict[str, Array]:
        replicates, days, queries = shape
        rows = (replicates, days, queries, ANSWERS)
        shift, skill = (self.of_days(rng, shape)[..., None] for _ in range(2))
        use = rng.normal(size=rows)
        score = np.exp(skill) * use + rng.normal(size=rows)
        label = np.digitize(use + shift, (0.5, 1.5))
        query = np.broadcast_to(np.arange(replicates * days * queries).reshape(*shape, 1), rows)
        columns = {"score": score, "label": label, "query": query}
        return {name: array.reshape(replicates, days, -1) for name, array in columns.items()}

    def values(self, columns: Mapping[str, Array]) -> dict[str, float]:
        label, score = columns["label"].reshape(-1, ANSWERS), columns["score"].reshape(-1, ANSWERS)
        has_any = label.max(axis=1) > 0
        label, score = label[has_any], score[has_any]
        in_order = np.take_along_axis(label, np.argsort(-score, axis=1), axis=1) > 0
        precision = in_order.cumsum(axis=1) / np.arange(1, ANSWERS + 1)
        found = (precision * in_order)[:, :DEPTH].sum(axis=1)
        return {
            "ndcg": float(metrics.ndcg_score(label, score, k=DEPTH, ignore_ties=True)),
            "map": float((found / np.minimum(in_order.sum(axis=1), DEPTH)).mean()),
        }

    def monitor(self, table: str) -> dict[str, Any]:
        watch = watched(table)
        task = {"task": "ranking", "primary_metric": "ndcg", "ranking_depth": DEPTH}
        columns = watch["columns"] | {"query": "query"}
        return watch | task | {"columns": columns, "features": {"numeric": ["score"]}}


PROCESSES: dict[str, Sequence[OfTask]] = {
    "regression": (Regression("prices"), Regression("prices_day_effects", day_effect=0.3)),
    "multiclass": (
        Multiclass("classes"),
        Multiclass("classes_day_effects", day_effect=0.3),
        Multiclass("rare_class", rarity=2.2),
        Multiclass("rare_class_day_effects", day_effect=0.3, rarity=2.2),
    ),
    "ranking": (Ranking("queries"), Ranking("queries_day_effects", day_effect=0.3)),
}
