"""The loss of each row: what a decomposition splits the change of."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

FloatArray = npt.NDArray[np.float64]

CLIP = float(np.finfo(np.float64).eps)
"""As in the marts and in scikit-learn, so that both name the same loss."""
LARGEST = 1e37
"""Numbers beyond it take no part in the facts."""
OFF_ONE = 0.01
"""Scores of all classes that add up to more or less than 1 by more are no distribution."""


@dataclass(frozen=True)
class RowLoss:
    """What the rows of a task lose, as the daily facts of performance count it."""

    name: str
    """The metric_name of `drift_attribution`."""
    fact: str
    """Column of the daily facts that holds its sum over the rows with a label."""
    columns: tuple[str, ...]
    """What a row is judged by, columns of `int_inferences`."""
    of_rows: Callable[[pl.DataFrame], FloatArray]
    """The loss of each row of such columns, NaN where its score cannot be judged."""


def log_loss(score: npt.ArrayLike, label: npt.ArrayLike) -> FloatArray:
    """-ln of the probability of the label, in nats; scores from 0 to 1, labels 0 or 1."""
    probability = np.asarray(score, dtype=np.float64)
    return _surprise(np.where(np.asarray(label) == 1, probability, 1.0 - probability))


def squared_error(score: npt.ArrayLike, label: npt.ArrayLike) -> FloatArray:
    """(score - label)^2, in squared units of the label."""
    error = np.asarray(score, dtype=np.float64) - np.asarray(label, dtype=np.float64)
    return np.square(error)


def _of_chances(rows: pl.DataFrame) -> FloatArray:
    score, label = _numbers(rows["score"]), _numbers(rows["label"])
    return np.where((score >= 0) & (score <= 1), log_loss(score, label), np.nan)


def _of_classes(rows: pl.DataFrame) -> FloatArray:
    """Log loss of the score of the label's class; a label is the position of its class, from 1."""
    label = _numbers(rows["label"])
    if rows.is_empty():
        return label
    scores = np.array(rows["class_values"].to_list(), dtype=np.float64)
    adds_up = (
        (scores.min(axis=1) >= 0)
        & (scores.max(axis=1) <= 1)
        & (np.abs(scores.sum(axis=1) - 1) <= OFF_ONE)
    )
    of_label = scores[np.arange(len(label)), label.astype(int) - 1]
    return np.where(adds_up, _surprise(of_label), np.nan)


def _of_numbers(rows: pl.DataFrame) -> FloatArray:
    score, label = _numbers(rows["score"]), _numbers(rows["label"])
    counts = (np.abs(score) <= LARGEST) & (np.abs(label) <= LARGEST)
    return np.where(counts, squared_error(score, label), np.nan)


def _surprise(probability: FloatArray) -> FloatArray:
    return np.asarray(-np.log(np.maximum(probability, CLIP)), dtype=np.float64)


def _numbers(values: pl.Series) -> FloatArray:
    return values.cast(pl.Float64).to_numpy()


TASK_LOSS: Mapping[str, RowLoss] = {
    "binary": RowLoss("log_loss", "log_loss_sum", ("score", "label"), _of_chances),
    "multiclass": RowLoss(
        "log_loss", "log_loss_sum", ("score", "label", "class_values"), _of_classes
    ),
    "regression": RowLoss("squared_error", "error_square_sum", ("score", "label"), _of_numbers),
}
"""What is split where; the queries of a ranking have no loss of a row."""
