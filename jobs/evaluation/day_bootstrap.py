"""Metrics under weights of whole days, for many weightings at once.

Every metric is arithmetic on counts by day, so a thousand draws of days cost a few matrix
products and no draw sorts the scores again.
"""

from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt

from jobs.evaluation.metrics import clip_probability

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
IntArray = npt.NDArray[np.int64]

CHUNK = 4000


def day_weights(day_count: int, draws: int, seed: int) -> FloatArray:
    """How often each day is drawn, shape (1 + draws, n_days); the first row is the data itself."""
    if day_count == 0:
        return np.ones((1 + draws, 0))
    share = np.full(day_count, 1 / day_count)
    drawn = np.random.default_rng(seed).multinomial(day_count, share, size=draws)
    return np.vstack([np.ones((1, day_count)), drawn.astype(np.float64)])


def weighted_metric(
    name: str,
    label: BoolArray,
    score: FloatArray,
    day_index: IntArray,
    weights: FloatArray,
    threshold: float = 0.5,
) -> FloatArray:
    """A metric under each row of day weights, shape (n_weightings,), NaN where not defined.

    `label`, `score` and `day_index` (0 .. n_days - 1) have shape (n_rows,), `weights` has shape
    (n_weightings, n_days): a row counts as often as its day. Exact, ties included.
    """
    return _WEIGHTED[name](label, score, day_index, weights, threshold)


def _ratio(numerator: FloatArray, denominator: FloatArray) -> FloatArray:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(denominator > 0, numerator / denominator, np.nan)


def _sums(values: npt.ArrayLike, day_index: IntArray, weights: FloatArray) -> FloatArray:
    """Sum of a value over rows under each weighting."""
    by_day = np.bincount(day_index, np.asarray(values, dtype=np.float64), weights.shape[1])
    return np.asarray(weights @ by_day, dtype=np.float64)


def _confusion(
    label: BoolArray, score: FloatArray, day: IntArray, weights: FloatArray, threshold: float
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """True positives, false positives, false negatives and rows under each weighting."""
    predicted = score >= threshold
    return (
        _sums(predicted & label, day, weights),
        _sums(predicted & ~label, day, weights),
        _sums(~predicted & label, day, weights),
        _sums(np.ones(len(label)), day, weights),
    )


def _accuracy(
    label: BoolArray, score: FloatArray, day: IntArray, weights: FloatArray, threshold: float
) -> FloatArray:
    _, false_positive, false_negative, count = _confusion(label, score, day, weights, threshold)
    return _ratio(count - false_positive - false_negative, count)


def _precision(
    label: BoolArray, score: FloatArray, day: IntArray, weights: FloatArray, threshold: float
) -> FloatArray:
    true_positive, false_positive, _, _ = _confusion(label, score, day, weights, threshold)
    return _ratio(true_positive, true_positive + false_positive)


def _recall(
    label: BoolArray, score: FloatArray, day: IntArray, weights: FloatArray, threshold: float
) -> FloatArray:
    true_positive, _, false_negative, _ = _confusion(label, score, day, weights, threshold)
    return _ratio(true_positive, true_positive + false_negative)


def _f1(
    label: BoolArray, score: FloatArray, day: IntArray, weights: FloatArray, threshold: float
) -> FloatArray:
    true_positive, false_positive, false_negative, _ = _confusion(
        label, score, day, weights, threshold
    )
    return _ratio(2 * true_positive, 2 * true_positive + false_positive + false_negative)


def _log_loss(
    label: BoolArray, score: FloatArray, day: IntArray, weights: FloatArray, threshold: float
) -> FloatArray:
    clipped = clip_probability(score)
    loss = -np.log(np.where(label, clipped, 1 - clipped))
    return _ratio(_sums(loss, day, weights), _sums(np.ones(len(label)), day, weights))


def _brier(
    label: BoolArray, score: FloatArray, day: IntArray, weights: FloatArray, threshold: float
) -> FloatArray:
    return _ratio(
        _sums((score - label) ** 2, day, weights), _sums(np.ones(len(label)), day, weights)
    )


def _roc_auc(
    label: BoolArray, score: FloatArray, day: IntArray, weights: FloatArray, threshold: float
) -> FloatArray:
    """AUC as a quadratic form: pairs won, by day of the positive and day of the negative row."""
    day_count = weights.shape[1]
    order = np.argsort(score[label], kind="stable")
    positive_score, positive_day = score[label][order], day[label][order]
    negative_score, negative_day = score[~label], day[~label]
    won = np.zeros((day_count, day_count))
    for other in range(day_count):
        rivals = np.sort(negative_score[negative_day == other])
        below = np.searchsorted(rivals, positive_score, side="left")
        not_above = np.searchsorted(rivals, positive_score, side="right")
        won[:, other] = np.bincount(positive_day, (below + not_above) / 2, day_count)
    pairs = _sums(label, day, weights) * _sums(~label, day, weights)
    return _ratio(((weights @ won) * weights).sum(axis=1), pairs)


def _gini(
    label: BoolArray, score: FloatArray, day: IntArray, weights: FloatArray, threshold: float
) -> FloatArray:
    return np.asarray(2 * _roc_auc(label, score, day, weights, threshold) - 1, dtype=np.float64)


def _average_precision(
    label: BoolArray, score: FloatArray, day: IntArray, weights: FloatArray, threshold: float
) -> FloatArray:
    """Average precision from the rows at or above each positive's score, counted by day."""
    day_count = weights.shape[1]
    cuts, place = np.unique(score[label], return_inverse=True)
    above = np.empty((len(cuts), day_count))
    hits = np.empty((len(cuts), day_count))
    at_cut = np.zeros((len(cuts), day_count))
    np.add.at(at_cut, (place, day[label]), 1.0)
    for one in range(day_count):
        here = day == one
        everyone, positives = np.sort(score[here]), np.sort(score[here & label])
        above[:, one] = len(everyone) - np.searchsorted(everyone, cuts, side="left")
        hits[:, one] = len(positives) - np.searchsorted(positives, cuts, side="left")
    total = np.zeros(len(weights))
    for start in range(0, len(cuts), CHUNK):
        part = slice(start, start + CHUNK)
        rows_above = above[part] @ weights.T
        precision = (hits[part] @ weights.T) / np.maximum(rows_above, 1.0)
        total += ((at_cut[part] @ weights.T) * precision).sum(axis=0)
    return _ratio(total, _sums(label, day, weights))


_WEIGHTED: Mapping[
    str, Callable[[BoolArray, FloatArray, IntArray, FloatArray, float], FloatArray]
] = {
    "accuracy": _accuracy,
    "precision": _precision,
    "recall": _recall,
    "f1": _f1,
    "roc_auc": _roc_auc,
    "gini": _gini,
    "average_precision": _average_precision,
    "log_loss": _log_loss,
    "brier": _brier,
}
