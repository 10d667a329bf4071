"""What each feature contributes to the predictions, and whether its share has changed.

A contribution is what TreeSHAP gives a feature of a row: with the expected value they add up to the
row's log odds (Lundberg, Erion, Chen et al. 2020, From local explanations to global understanding
with explainable AI for trees). A feature's share is its mean absolute contribution over the sum of
all features'.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import false_discovery_control, kendalltau, rankdata
from scipy.stats import t as student

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

LEAST_DAYS = 4
"""With fewer days a side does not tell how days differ."""
CONFIDENCE = 0.95


@dataclass(frozen=True)
class Contributions:
    """Contributions of shape (n_rows, n_features) in log odds, and the day of each row."""

    values: FloatArray
    day: IntArray

    @property
    def size(self) -> FloatArray:
        """Mean absolute contribution of each feature."""
        return np.asarray(np.abs(self.values).mean(axis=0), dtype=np.float64)

    @property
    def days(self) -> int:
        """How many days the rows are of."""
        return len(np.unique(self.day))


@dataclass(frozen=True)
class ShareDrift:
    """How the shares of two sides differ; every array has n_features as its length."""

    current_size: FloatArray
    reference_size: FloatArray
    current_share: FloatArray
    reference_share: FloatArray
    row_error: FloatArray
    """Standard error of the change of a share, rows being independent of each other."""
    error: FloatArray
    """The same with whole days drawn; NaN with too few days. Bounds and tests stand on it."""
    lower: FloatArray
    upper: FloatArray
    """95 % bounds of the change."""
    p_value: FloatArray
    """Two-sided; NaN for a feature that contributes nothing on either side."""
    q_value: FloatArray
    """Benjamini-Hochberg over the features."""
    score_effect: FloatArray
    """By how much the feature has moved the mean log odds; together by how much they moved."""
    ndcg: float | None
    """Ranking of the current sizes, gained by those of the reference; None without any size."""
    rank_correlation: float | None
    """Kendall's tau-b of the sizes; None where one side's are all the same."""

    @property
    def change(self) -> FloatArray:
        """Current share less that of the reference."""
        return self.current_share - self.reference_share

    @property
    def moved(self) -> float:
        """Total variation between the shares: what part of the deciding has changed hands."""
        return float(np.abs(self.change).sum() / 2)

    @property
    def least_q(self) -> float:
        """The p-value of no change of any share (Simes 1986); NaN where nothing could be tested."""
        known = self.q_value[~np.isnan(self.q_value)]
        return float(known.min()) if len(known) else float("nan")


def compare(current: Contributions, reference: Contributions) -> ShareDrift:
    """Compare the shares of two sides; raises ValueError when one has no rows."""
    if not len(current.values) or not len(reference.values):
        raise ValueError(
            f"contributions: found {len(current.values)} current and {len(reference.values)} "
            "reference rows; expected some of each"
        )
    sides = (current, reference)
    sizes = [one.size for one in sides]
    shares = [_over(size, size.sum()) for size in sizes]
    change = shares[0] - shares[1]
    pulls = [_pulls(one, share) for one, share in zip(sides, shares, strict=True)]
    row_error = np.sqrt(sum(np.square(pull).sum(axis=0) / len(pull) ** 2 for pull in pulls))
    error, degrees = _day_error(sides, pulls)
    used = (sizes[0] > 0) | (sizes[1] > 0)
    distance = np.where(change == 0, 0.0, np.abs(change) / np.where(error == 0, np.nan, error))
    distance = np.where(np.isnan(distance) & (error == 0), np.inf, distance)
    p_value = np.where(used, 2 * student.sf(distance, degrees), np.nan)
    reach = student.ppf((1 + CONFIDENCE) / 2, degrees) * error
    return ShareDrift(
        current_size=sizes[0],
        reference_size=sizes[1],
        current_share=shares[0],
        reference_share=shares[1],
        row_error=row_error,
        error=error,
        lower=change - reach,
        upper=change + reach,
        p_value=p_value,
        q_value=_q_values(p_value),
        score_effect=current.values.mean(axis=0) - reference.values.mean(axis=0),
        ndcg=ndcg(sizes[0], sizes[1]),
        rank_correlation=_rank_correlation(sizes[0], sizes[1]),
    )


def ranks(size: FloatArray) -> IntArray:
    """1 for the largest; equal sizes share the better rank."""
    return np.asarray(rankdata(-size, method="min"), dtype=np.int64)


def ndcg(current: FloatArray, reference: FloatArray) -> float | None:
    """Normalised discounted cumulative gain of the current ranking.

    As in Amazon SageMaker Clarify, where below 0.90 is drift: features in the order of the current
    sizes gain those of the reference, discounted by log2(1 + place), over the best order's gain.
    """
    discount = 1 / np.log2(np.arange(len(current)) + 2)
    best = float((np.sort(reference)[::-1] * discount).sum())
    if best == 0:
        return None
    order = np.argsort(-current, kind="stable")
    return float((reference[order] * discount).sum() / best)


def _pulls(side: Contributions, share: FloatArray) -> FloatArray:
    """What each row pulls a share by, times the rows: the ratio to first order (delta method)."""
    size = np.abs(side.values)
    total = size.sum(axis=1)
    return _over(size - share * total[:, None], total.mean())


def _day_error(
    sides: tuple[Contributions, Contributions], pulls: list[FloatArray]
) -> tuple[FloatArray, FloatArray]:
    """Standard error of the change with whole days drawn, and its degrees of freedom (Welch).

    A side of few days takes the variance of a day from the other one.
    """
    variances, freedoms = [], []
    known = [one.days >= LEAST_DAYS for one in sides]
    for side, other in ((0, 1), (1, 0)):
        teller = side if known[side] else other
        if not known[teller]:
            nothing = np.full(pulls[0].shape[1], np.nan)
            return nothing, nothing
        of_mean = _variance_by_day(sides[teller].day, pulls[teller])
        variances.append(of_mean * sides[teller].days / sides[side].days)
        freedoms.append(sides[teller].days - 1)
    variance = variances[0] + variances[1]
    spread = variances[0] ** 2 / freedoms[0] + variances[1] ** 2 / freedoms[1]
    degrees = np.where(spread > 0, variance**2 / np.where(spread > 0, spread, 1), sum(freedoms))
    # One teller's two variances are one estimate.
    degrees = degrees if all(known) else np.minimum(degrees, min(freedoms))
    return np.sqrt(variance), degrees


def _variance_by_day(day: IntArray, pull: FloatArray) -> FloatArray:
    """Variance of the mean of pulls, shape (n_features,), days being independent of each other."""
    groups = np.unique(day, return_inverse=True)[1]
    count = int(groups.max()) + 1
    sums = np.array([np.bincount(groups, one, count) for one in pull.T])
    return np.asarray(np.square(sums).sum(axis=1) * count / (count - 1) / len(day) ** 2)


def _q_values(p_value: FloatArray) -> FloatArray:
    found = np.full_like(p_value, np.nan)
    tested = ~np.isnan(p_value)
    if tested.any():
        found[tested] = false_discovery_control(p_value[tested])
    return found


def _rank_correlation(current: FloatArray, reference: FloatArray) -> float | None:
    found = float(kendalltau(current, reference).statistic)
    return None if np.isnan(found) else found


def _over(values: FloatArray, total: float) -> FloatArray:
    """Values as shares of a total, 0 of a total of 0."""
    return values / total if total > 0 else np.zeros_like(values)
