"""Bins of scores and how sure their rates are, from raw rows."""

from collections.abc import Callable

import numpy as np

from truth.intervals import DayEffect, Rows, day_effect, day_pull
from truth.performance import Z, score_cells, wilson


def bins_of(score: np.ndarray, per_unit: int) -> np.ndarray:
    """Return the bin of each judged row: a tenth of the mass, whole cells of the score together."""
    cells = score_cells(score, per_unit)
    distinct, counts = np.unique(cells, return_counts=True)
    middle = np.cumsum(counts) - counts + 0.5 * counts
    bins = 1 + np.floor(10.0 * middle / counts.sum()).astype(int)
    return bins[np.searchsorted(distinct, cells)]


def effect_on(metric: str, month_of: Callable[[int], Rows], day: int) -> DayEffect:
    """What the four weeks that end on the day say of the bias, or of the rate at a score;
    `month_of` gives the judged rows of the 30 days up to a day."""
    pulls = [
        day_pull(metric, month_of(other), other, 0.5, 50)
        for other in range(day - 27, day + 1)
        if (month_of(other).day == other).any()
    ]
    return day_effect([pull for pull in pulls if pull is not None])


def design_effects(
    bins: np.ndarray, label: np.ndarray, effect: DayEffect, rows_a_day: np.ndarray
) -> dict[int, float]:
    """That of each bin, which has of the window's excess what it has of the variance of labels: one
    shift of the log-odds of all rows moves a rate p by p (1 - p)."""
    numbers = np.unique(bins)
    rows = np.array([(bins == number).sum() for number in numbers])
    positives = np.array([label[bins == number].sum() for number in numbers])
    variance = rows * (positives + 1) * (rows - positives + 1) / (rows + 2) ** 2
    excess = effect.of(rows_a_day) - 1
    return dict(zip(numbers.tolist(), 1 + excess * variance / variance.sum(), strict=True))


def bounds(rate: float, rows: int, effect: DayEffect, design_effect: float) -> tuple[float, float]:
    """Wilson's for as many rows as the days leave of them."""
    quantile = effect.quantile(design_effect)
    return wilson(rate, rows / (design_effect * (quantile / Z) ** 2))
