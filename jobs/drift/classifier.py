"""All features together: can the current rows be told from those of the reference?

A classifier two-sample test (Lopez-Paz, Oquab 2017): where no classifier tells unseen rows of one
side from those of the other, nothing that it can see has drifted. What it reaches by chance, and by
days being different from each other, is learned from blocks of the reference.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import t as student

from jobs.attribution.decompose import DAYS_TO_FOLD
from jobs.attribution.domain import tell_apart
from jobs.attribution.folds import FloatArray, IntArray, Trees, folds_of
from jobs.attribution.null_band import block_starts
from jobs.training.dataset import FeatureMatrix


@dataclass(frozen=True)
class Sample:
    """Rows of one side; every array has n_rows as its first length."""

    features: FeatureMatrix
    day: IntArray
    ids: npt.NDArray[np.str_]

    def __len__(self) -> int:
        return len(self.day)

    def part(self, mask: npt.NDArray[np.bool_]) -> "Sample":
        """The rows of a mask, in the order they stand."""
        return Sample(self.features[mask], self.day[mask], self.ids[mask])


@dataclass(frozen=True)
class Told:
    """How well unseen rows are told apart, and by what."""

    auc: float
    gain_share: FloatArray
    """Share of each feature in the gain of the splits, shape (n_features,); sums to 1 or is 0."""


@dataclass(frozen=True)
class Null:
    """What the classifier reaches on blocks of the reference against its rest."""

    block_count: int
    mean: float | None = None
    stddev: float | None = None
    block_rows: int = 0
    """Rows of a block, in the mean."""

    def spread(self, current_rows: int, reference_rows: int) -> float | None:
        """Standard deviation of one more AUC without drift, of so many rows.

        That of the blocks, and what fewer rows than theirs add to it if they are independent.
        """
        if self.stddev is None:
            return None
        of_block = _row_variance(self.block_rows, reference_rows - self.block_rows)
        more = max(_row_variance(current_rows, reference_rows) - of_block, 0.0)
        # Where no block could be told by anything, all of them had exactly the same AUC.
        variance = (self.stddev**2 or of_block) + more
        return float(np.sqrt(variance * (1 + 1 / self.block_count)))

    def quantile(self, share: float, current_rows: int, reference_rows: int) -> float | None:
        """The AUC that this share of windows without drift stay below, None where none is known."""
        spread = self.spread(current_rows, reference_rows)
        if spread is None or self.mean is None:
            return None
        reach = float(student.ppf(share, self.block_count - 1)) * spread
        return min(self.mean + reach, 1.0)

    def p_value(self, auc: float, current_rows: int, reference_rows: int) -> float | None:
        """Share of windows without drift that reach an AUC, None where none is known."""
        spread = self.spread(current_rows, reference_rows)
        if spread is None or self.mean is None:
            return None
        return float(student.sf((auc - self.mean) / spread, self.block_count - 1))


def tell(
    current: Sample,
    reference: Sample,
    categorical: tuple[int, ...] = (),
    trees: Trees | None = None,
) -> Told:
    """Cross-validated AUC of a classifier of both sides; `categorical` columns hold codes.

    The folds are days, where both sides have enough of them: what the rows of a day share is then
    no help. The same rows, order and seed give the same result.
    """
    by_day = all(len(np.unique(one.day)) >= DAYS_TO_FOLD for one in (current, reference))
    fold = np.concatenate([folds_of(one.day, one.ids, by_day) for one in (current, reference)])
    domain = tell_apart(current.features, reference.features, fold, categorical, trees or Trees())
    total = domain.gain.sum()
    return Told(domain.auc, domain.gain / total if total > 0 else domain.gain)


def learn_null(
    reference: Sample,
    window_days: int,
    categorical: tuple[int, ...] = (),
    trees: Trees | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Null:
    """Tell each block of the reference, as long as the window if it can be, from the rest.

    Under six days there is no null. `progress` is told (block, blocks).
    """
    days = np.unique(reference.day)
    length, starts = block_starts(len(days), window_days)
    found, sizes = [], []
    for number, start in enumerate(starts, start=1):
        block = np.isin(reference.day, days[start : start + length])
        sizes.append(int(block.sum()))
        found.append(tell(reference.part(block), reference.part(~block), categorical, trees).auc)
        if progress is not None:
            progress(number, len(starts))
    if not found:
        return Null(0)
    rows = round(sum(sizes) / len(sizes))
    return Null(len(found), float(np.mean(found)), float(np.std(found, ddof=1)), rows)


def _row_variance(one: int, other: int) -> float:
    """Variance of an AUC that tells nothing of so many independent rows (Mann, Whitney 1947)."""
    return (one + other + 1) / (12 * one * other)
