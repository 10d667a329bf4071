"""The loss of each row: what a decomposition splits the change of."""

from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
Loss = Callable[[npt.ArrayLike, npt.ArrayLike], FloatArray]

CLIP = float(np.finfo(np.float64).eps)
"""As in the marts and in scikit-learn, so that both name the same loss."""


def log_loss(score: npt.ArrayLike, label: npt.ArrayLike) -> FloatArray:
    """-ln of the probability of the label, in nats; scores from 0 to 1, labels 0 or 1."""
    probability = np.asarray(score, dtype=np.float64)
    of_label = np.where(np.asarray(label) == 1, probability, 1.0 - probability)
    return np.asarray(-np.log(np.maximum(of_label, CLIP)), dtype=np.float64)


def squared_error(score: npt.ArrayLike, label: npt.ArrayLike) -> FloatArray:
    """(score - label)^2, in squared units of the label."""
    return np.square(_error(score, label))


def absolute_error(score: npt.ArrayLike, label: npt.ArrayLike) -> FloatArray:
    """|score - label|, in units of the label."""
    return np.abs(_error(score, label))


def _error(score: npt.ArrayLike, label: npt.ArrayLike) -> FloatArray:
    return np.asarray(score, dtype=np.float64) - np.asarray(label, dtype=np.float64)


LOSSES: Mapping[str, Loss] = {
    "log_loss": log_loss,
    "brier": squared_error,
    "mse": squared_error,
    "mae": absolute_error,
}
"""By the name of the metric that is their mean."""
TASK_LOSS: Mapping[str, str] = {"binary": "log_loss"}
"""What is split where; a task that is built later adds its row."""
