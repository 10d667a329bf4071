"""How much the current rows look like those of the reference: a classifier tells them apart."""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy.stats import rankdata
from sklearn.isotonic import IsotonicRegression

from jobs.attribution.folds import FloatArray, FoldModels, IntArray, Trees
from jobs.training.dataset import FeatureMatrix


@dataclass(frozen=True)
class Domain:
    """How the two sides overlap."""

    auc: float
    """How well rows of unseen folds are told apart: 0.5 not at all, 1 without fail."""
    current_ratio: FloatArray
    """Density of the current rows over that of the reference, at each current row."""
    reference_ratio: FloatArray
    """The same at each reference row."""
    gain: FloatArray = field(default_factory=lambda: np.empty(0))
    """What the splits on each feature gained, shape (n_features,)."""


def tell_apart(
    current: FeatureMatrix,
    reference: FeatureMatrix,
    fold: IntArray,
    categorical: tuple[int, ...],
    trees: Trees,
) -> Domain:
    """Density ratios p / (1 - p) of a classifier of both sides (Sugiyama, Suzuki, Kanamori 2012).

    `fold` is that of the current rows, then of the reference rows. Both sides are as heavy as each
    other, so that a ratio is the odds themselves. Each row is judged by trees and by a calibration
    that have not seen its fold: what does not help with unseen rows has a ratio of 1.
    """
    features = np.concatenate([current, reference])
    is_current = np.concatenate([np.ones(len(current)), np.zeros(len(reference))])
    weight = np.where(is_current == 1, 0.5 / is_current.mean(), 0.5 / (1 - is_current.mean()))
    models = FoldModels.fit(features, is_current, fold, categorical, "binary", trees, weight)
    raw = models.unseen(features, fold)
    ratio = np.ones_like(raw)
    aucs, pairs = [0.5], [0.0]
    for held in np.unique(fold):
        mine, others = fold == held, fold != held
        ratio[mine] = _ratio_at(raw[mine], raw[others], is_current[others], weight[others])
        positives = is_current[mine].sum()
        if 0 < positives < mine.sum():
            # Within a fold: between folds the boosters differ.
            aucs.append(roc_auc(raw[mine], is_current[mine] == 1))
            pairs.append(positives * (mine.sum() - positives))
    pairs[0] = float(sum(pairs) == 0)
    return Domain(
        auc=float(np.average(aucs, weights=pairs)),
        current_ratio=ratio[: len(current)],
        reference_ratio=ratio[len(current) :],
        gain=models.gain(),
    )


def _ratio_at(
    raw: FloatArray, seen: FloatArray, is_current: FloatArray, weight: FloatArray
) -> FloatArray:
    """Density ratio at scores, learned from others: shares of both sides in isotonic blocks.

    Steps rather than a curve of two parameters: a few rows like none of the reference are seen
    among many that are like them. Each block has a row more of both sides, so that a few rows of
    one side alone prove nothing.
    """
    steps = IsotonicRegression().fit(seen, is_current, weight).predict(seen)
    levels, block = np.unique(steps, return_inverse=True)
    current = np.bincount(block, is_current) + 1.0
    reference = np.bincount(block, 1.0 - is_current) + 1.0
    ratio = (current / is_current.sum()) / (reference / (1.0 - is_current).sum())
    lowest, highest = np.full(len(levels), np.inf), np.full(len(levels), -np.inf)
    np.minimum.at(lowest, block, seen)
    np.maximum.at(highest, block, seen)
    edges = (highest[:-1] + lowest[1:]) / 2
    return np.asarray(ratio[np.searchsorted(edges, raw, side="right")], dtype=np.float64)


def roc_auc(score: FloatArray, positive: npt.NDArray[np.bool_]) -> float:
    """Mann-Whitney with mid-ranks for ties; needs rows of both classes."""
    ranks = rankdata(score)
    count = int(positive.sum())
    pairs = count * (len(score) - count)
    return float((ranks[positive].sum() - count * (count + 1) / 2) / pairs)
