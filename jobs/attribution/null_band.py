"""What a decomposition shows without drift: blocks of the reference judged against the rest."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.stats import t as student

from jobs.attribution.decompose import Rows, decompose
from jobs.attribution.folds import IntArray, Trees

LEAST_BLOCKS, MOST_BLOCKS = 3, 7
CONFIDENCE = 0.95


@dataclass(frozen=True)
class NullBand:
    """What 95 of 100 windows without drift stay within; all None where too few days tell."""

    block_count: int
    auc_lower: float | None = None
    auc_upper: float | None = None
    mix_bound: float | None = None
    """The mix effect stays between minus and plus this."""
    change_bound: float | None = None
    """The total change stays between minus and plus this."""


def block_starts(days: int, window_days: int) -> tuple[int, IntArray]:
    """Length in days and first places of the blocks of a reference; none with too few days."""
    if days < 2 * LEAST_BLOCKS:
        return 0, np.empty(0, dtype=np.int64)
    length = max(1, min(window_days, days // 4))
    starts = np.arange(0, days - length + 1, length)
    if len(starts) > MOST_BLOCKS:
        starts = starts[np.linspace(0, len(starts) - 1, MOST_BLOCKS).round().astype(int)]
    return length, starts


def null_band(
    reference: Rows,
    window_days: int,
    categorical: tuple[int, ...] = (),
    trees: Trees | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> NullBand:
    """Judge blocks of the reference, as long as the window where it has four of them, by its rest.

    Blocks follow each other without overlap, the days left over at the end in none; of more than
    seven some are taken, evenly spread. An effect of days is smaller for longer windows, so the
    bounds go with sqrt(1 / days of the window + 1 / days of the reference). The bounds are
    Student's, because they are learned from few blocks. `progress` is told (block, blocks).
    """
    days = np.unique(reference.day)
    length, starts = block_starts(len(days), window_days)
    if not len(starts):
        return NullBand(0)
    found = []
    for number, start in enumerate(starts, start=1):
        block = np.isin(reference.day, days[start : start + length])
        parts = decompose(reference.part(block), reference.part(~block), categorical, trees)
        found.append((parts.domain_auc, parts.mix, parts.total))
        if progress is not None:
            progress(number, len(starts))
    auc, mix, total = np.array(found).T
    count = len(found)
    shrink = np.sqrt((1 / window_days + 1 / len(days)) / (1 / length + 1 / (len(days) - length)))
    around_zero = student.ppf((1 + CONFIDENCE) / 2, count) * shrink
    around_mean = student.ppf((1 + CONFIDENCE) / 2, count - 1) * np.sqrt(1 + 1 / count)
    spread = around_mean * auc.std(ddof=1)
    return NullBand(
        block_count=count,
        auc_lower=float(max(auc.mean() - spread, 0.0)),
        auc_upper=float(min(auc.mean() + spread, 1.0)),
        mix_bound=float(around_zero * np.sqrt(np.square(mix).mean())),
        change_bound=float(around_zero * np.sqrt(np.square(total).mean())),
    )
