"""The metrics of a task, each a number or None where it is not defined."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from sklearn import metrics as sk

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
Direction = Literal["higher", "lower"]


@dataclass(frozen=True)
class Metric:
    """A metric: which direction is good, and the function of (label, score, threshold)."""

    name: str
    direction: Direction
    function: Callable[[BoolArray, FloatArray, float], float | None]

    @property
    def sign(self) -> float:
        """1.0 where higher is better, else -1.0."""
        return 1.0 if self.direction == "higher" else -1.0


def _accuracy(label: BoolArray, score: FloatArray, threshold: float) -> float | None:
    return float(sk.accuracy_score(label, score >= threshold))


def _precision(label: BoolArray, score: FloatArray, threshold: float) -> float | None:
    predicted = score >= threshold
    return float(sk.precision_score(label, predicted)) if predicted.any() else None


def _recall(label: BoolArray, score: FloatArray, threshold: float) -> float | None:
    return float(sk.recall_score(label, score >= threshold)) if label.any() else None


def _f1(label: BoolArray, score: FloatArray, threshold: float) -> float | None:
    predicted = score >= threshold
    return float(sk.f1_score(label, predicted)) if (predicted | label).any() else None


def _roc_auc(label: BoolArray, score: FloatArray, threshold: float) -> float | None:
    return float(sk.roc_auc_score(label, score)) if label.any() and not label.all() else None


def _gini(label: BoolArray, score: FloatArray, threshold: float) -> float | None:
    auc = _roc_auc(label, score, threshold)
    return None if auc is None else 2 * auc - 1


def _average_precision(label: BoolArray, score: FloatArray, threshold: float) -> float | None:
    return float(sk.average_precision_score(label, score)) if label.any() else None


def _log_loss(label: BoolArray, score: FloatArray, threshold: float) -> float | None:
    return float(sk.log_loss(label, clip_probability(score), labels=[False, True]))


def _brier(label: BoolArray, score: FloatArray, threshold: float) -> float | None:
    return float(np.mean((score - label) ** 2))


BINARY: Mapping[str, Metric] = {
    metric.name: metric
    for metric in (
        Metric("accuracy", "higher", _accuracy),
        Metric("precision", "higher", _precision),
        Metric("recall", "higher", _recall),
        Metric("f1", "higher", _f1),
        Metric("roc_auc", "higher", _roc_auc),
        Metric("gini", "higher", _gini),
        Metric("average_precision", "higher", _average_precision),
        Metric("log_loss", "lower", _log_loss),
        Metric("brier", "lower", _brier),
    )
}
TASK_METRICS: Mapping[str, Mapping[str, Metric]] = {"binary": BINARY}


def compute(
    name: str, label: npt.ArrayLike, score: npt.ArrayLike, threshold: float = 0.5
) -> float | None:
    """Value of a binary metric, or None without rows or where it is not defined.

    `label` (0 or 1) and `score` (probability) have shape (n_rows,); a row is predicted positive
    when its score is at least `threshold`. Raises KeyError for an unknown metric. Source:
    scikit-learn; not defined: precision when nothing is predicted positive, recall and average
    precision without positives, F1 without both, AUC and Gini with one class.
    """
    truth = np.asarray(label, dtype=np.float64) == 1.0
    scores = np.asarray(score, dtype=np.float64)
    metric = BINARY[name]
    return metric.function(truth, scores, threshold) if truth.size else None


def clip_probability(score: FloatArray) -> FloatArray:
    """Scores moved inside [1e-6, 1 - 1e-6], so that their logarithm is finite."""
    return np.asarray(np.clip(score, 1e-6, 1 - 1e-6), dtype=np.float64)


def debiased_ece(label: npt.ArrayLike, score: npt.ArrayLike, bins: int = 15) -> float | None:
    """Expected calibration error less what a perfect model of this size would show, at least 0.

    Bins of equal mass by score, ties kept together; the weighted mean of |mean label - mean score|
    minus its expectation under perfect calibration, sqrt(2/pi) times the standard error of each
    bin. None with fewer than 10 rows a bin. Sources: Naeini et al. 2015; Brocker 2012 on the bias.
    """
    truth = np.asarray(label, dtype=np.float64)
    scores = np.asarray(score, dtype=np.float64)
    if truth.size < 10 * bins:
        return None
    edges = np.unique(np.quantile(scores, np.linspace(0, 1, bins + 1)[1:-1]))
    place = np.searchsorted(edges, scores, side="right")
    count = np.bincount(place, minlength=bins)
    used = count > 0
    gap = np.abs(np.bincount(place, truth - scores, minlength=bins)[used]) / count[used]
    spread = np.sqrt(np.bincount(place, scores * (1 - scores), minlength=bins)[used]) / count[used]
    excess = gap - np.sqrt(2 / np.pi) * spread
    return float(max(0.0, np.average(excess, weights=count[used])))


def single_feature_auc(
    features: npt.NDArray[np.float32],
    label: npt.ArrayLike,
    day: npt.NDArray[np.int64],
    names: Sequence[str],
    categorical_positions: Sequence[int],
) -> dict[str, float]:
    """AUC of each feature alone in its better direction, for the features where it is defined.

    `features` has shape (n_rows, n_features), `label` and `day` (n_rows,). Missing values stand
    below all others. A category is scored by its label rate on the even days, and judged on the
    odd days, so that many thin categories cannot look like leakage.
    """
    truth = np.asarray(label, dtype=np.float64)
    learned, judged = day % 2 == 0, day % 2 == 1
    scores = {}
    for position, name in enumerate(names):
        column = features[:, position].astype(np.float64)
        if position in categorical_positions:
            rates = category_rates(column[learned], truth[learned], column[judged])
            auc = compute("roc_auc", truth[judged], rates)
        else:
            lowest = np.nanmin(column) - 1 if np.isfinite(column).any() else 0.0
            auc = compute("roc_auc", truth, np.where(np.isnan(column), lowest, column))
        if auc is not None:
            scores[name] = max(auc, 1 - auc)
    return scores


def category_rates(codes: FloatArray, label: FloatArray, new_codes: FloatArray) -> FloatArray:
    """Label rate of each new row's category, learned on other rows, shape (n_new_rows,).

    A missing category (NaN) is a category of its own; one that was not seen gets the overall rate.
    """
    overall = float(label.mean()) if label.size else 0.5
    old = np.where(np.isnan(codes), -1.0, codes)
    new = np.where(np.isnan(new_codes), -1.0, new_codes)
    known, place = np.unique(old, return_inverse=True)
    if not known.size:
        return np.full(new.shape, overall)
    rates = np.bincount(place, label) / np.bincount(place)
    found = np.minimum(np.searchsorted(known, new), known.size - 1)
    return np.where(known[found] == new, rates[found], overall)
