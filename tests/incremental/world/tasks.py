"""What the rows of each task have in the place of a score and a label, and how both may change.

Rows are made from a chance each, 0 to 1: the scores follow from it, the labels from the scores.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl

CLASSES = {"bug": "p_bug", "idea": "p_idea", "it's spam": "p_spam"}
ANOTHER_CLASS = {"bug": "idea", "idea": "it's spam", "it's spam": "bug"}


@dataclass(frozen=True)
class Task:
    """One task. Expressions are by the column whose values they replace."""

    columns: Mapping[str, Any]
    """Roles that other tasks do not have or have otherwise."""
    scores: Callable[[np.ndarray], dict[str, np.ndarray]]
    outcomes: Callable[[pl.DataFrame, np.random.Generator], list[Any]]
    flipped: pl.Expr
    """Another label than `outcome`."""
    corrected: Mapping[str, pl.Expr]
    """Other scores."""
    weakened: Callable[[float], Mapping[str, pl.Expr]]
    """Scores that say as much as a share of them does."""
    judged_otherwise: Callable[[Mapping[str, Any], np.random.Generator], dict[str, Any]]
    """Keys of the configuration under which the same rows are counted otherwise."""
    outcome_type: type[pl.DataType] = pl.Float64
    keys: Mapping[str, Any] = field(default_factory=dict)
    """Keys of the configuration that other tasks do not have."""


def yes_or_no(rows: pl.DataFrame, generator: np.random.Generator) -> list[Any]:
    chances = rows["score"].fill_null(0.5).to_numpy()
    return (generator.random(rows.height) < chances).astype(float).tolist()


def shares_of_classes(chances: np.ndarray) -> dict[str, np.ndarray]:
    """The chance, and what is left of it in two parts; together 1 but for the last digits."""
    bug, idea = np.round(chances, 4), np.round((1 - chances) * (1 - chances**2), 4)
    return {"p_bug": bug, "p_idea": idea, "p_spam": np.round(1 - bug - idea, 4)}


def classes_that_came_true(rows: pl.DataFrame, generator: np.random.Generator) -> list[Any]:
    """One in fifty is of a class that the monitor does not know."""
    shares = rows.select(CLASSES.values()).to_numpy().cumsum(axis=1)
    draws = generator.random(rows.height)
    positions = (draws[:, None] > shares).sum(axis=1).clip(0, 2)
    names = np.array([*CLASSES, "question"], dtype=object)
    return names[np.where(generator.random(rows.height) < 0.02, 3, positions)].tolist()


def classes_in_another_order(
    monitor: Mapping[str, Any], generator: np.random.Generator
) -> dict[str, Any]:
    scores = monitor["columns"]["class_scores"]
    return {"columns": {**monitor["columns"], "class_scores": dict(reversed(scores.items()))}}


def numbers(rows: pl.DataFrame, generator: np.random.Generator) -> list[Any]:
    return np.round(rows["score"].to_numpy() + generator.normal(0, 8, rows.height), 2).tolist()


def relevance(rows: pl.DataFrame, generator: np.random.Generator) -> list[Any]:
    """0, 1 or 2, more often much where the score is."""
    draws = rows["score"].to_numpy() + generator.normal(0, 2, rows.height)
    return np.digitize(draws, [0.5, 2]).astype(float).tolist()


def times(factor: float) -> dict[str, pl.Expr]:
    return {"score": (pl.col("score") * factor).round(4)}


def nearer_to_thirds(share: float) -> dict[str, pl.Expr]:
    return {
        column: (pl.col(column) * share + (1 - share) / 3).round(4) for column in CLASSES.values()
    }


TASKS: Mapping[str, Task] = {
    "binary": Task(
        columns={"score": "score"},
        scores=lambda chances: {"score": np.round(chances, 4)},
        outcomes=yes_or_no,
        flipped=1 - pl.col("outcome"),
        corrected={"score": (1 - pl.col("score")).round(4)},
        weakened=times,
        judged_otherwise=lambda _, generator: {
            "decision_threshold": float(generator.choice([0.3, 0.5, 0.6]))
        },
        keys={"decision_threshold": 0.4, "protected": ["region"]},
    ),
    "multiclass": Task(
        columns={"class_scores": CLASSES},
        scores=shares_of_classes,
        outcomes=classes_that_came_true,
        flipped=pl.col("outcome").replace(ANOTHER_CLASS),
        corrected={
            "p_bug": pl.col("p_idea"),
            "p_idea": pl.col("p_spam"),
            "p_spam": pl.col("p_bug"),
        },
        weakened=nearer_to_thirds,
        judged_otherwise=classes_in_another_order,
        outcome_type=pl.String,
    ),
    "regression": Task(
        columns={"score": "score"},
        scores=lambda chances: {"score": np.round(100 + 80 * chances, 2)},
        outcomes=numbers,
        flipped=pl.col("outcome") - 15,
        corrected={"score": (pl.col("score") * 1.1 + 1).round(2)},
        weakened=times,
        judged_otherwise=lambda monitor, _: {
            "label_horizon_days": 4 - monitor["label_horizon_days"]
        },
    ),
    "ranking": Task(
        columns={"score": "score", "query": "query"},
        scores=lambda chances: {"score": np.round(np.log(chances / (1 - chances)), 1)},
        outcomes=relevance,
        flipped=2 - pl.col("outcome"),
        corrected={"score": -pl.col("score")},
        weakened=lambda share: {"score": (pl.col("score") * share).round()},
        judged_otherwise=lambda monitor, _: {"ranking_depth": 3 - monitor["ranking_depth"]},
        keys={"ranking_depth": 2},
    ),
}
