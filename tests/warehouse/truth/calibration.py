"""Bins of scores and how sure their rates are, from raw rows."""

from collections.abc import Callable

import numpy as np

from truth.intervals import DayEffect, Pull, Rows, day_effect, day_pull
from truth.performance import Z, score_cells, wilson


def bins_of(score: np.ndarray, per_unit: int) -> np.ndarray:
    """Return the bin of each judged row: a tenth of the mass, whole cells of the score together."""
    cells = score_cells(score, per_unit)
    distinct, counts = np.unique(cells, return_counts=True)
    middle = np.cumsum(counts) - counts + 0.5 * counts
    bins = 1 + np.floor(10.0 * middle / counts.sum()).astype(int)
    return bins[np.searchsorted(distinct, cells)]


def rate_pull(month: Rows, day: int, per_unit: int) -> Pull | None:
    """What the labels of `day` pull away from the rates of the cells of `month`, its last day among
    them. Of n rows of a cell, p of them positive, labels vary by p (n - p) / n / (n - 1)."""
    own, cells = month.day == day, score_cells(month.score, per_unit)
    square_root = of_rows = 0.0
    for cell in np.unique(cells[own]):
        inside = cells == cell
        here, rows = (own & inside).sum(), inside.sum()
        if rows > 1:
            label = month.label[inside]
            square_root += month.label[own & inside].sum() - here * label.mean()
            of_rows += here * label.var(ddof=1) * (1 - here / rows)
    # Days move rows by the variance of their labels.
    return Pull(square_root**2, of_rows, of_rows**2) if of_rows > 1e-12 else None


def effect_on(
    metric: str, month_of: Callable[[int], Rows], day: int, per_unit: int = 50
) -> DayEffect:
    """What the four weeks that end on the day say of the bias, or of the rate at a score;
    `month_of` gives the judged rows of the 30 days up to a day."""
    pulls = [
        rate_pull(month_of(other), other, per_unit)
        if metric == "rate"
        else day_pull(metric, month_of(other), other, 0.5, 50)
        for other in range(day - 27, day + 1)
        if (month_of(other).day == other).any()
    ]
    return day_effect([pull for pull in pulls if pull is not None])


def design_effects(
    bins: np.ndarray, label: np.ndarray, effect: DayEffect, days: np.ndarray
) -> dict[int, float]:
    """That of each bin: one shift of the log-odds of all rows of a day moves a rate p by p (1 - p),
    so labels of two rows of a day have the correlation shift^2 p (1 - p), at most 1; pairs of rows
    of the bin and their day are counted."""
    found = {}
    for number in np.unique(bins):
        inside = bins == number
        rows, positives = inside.sum(), label[inside].sum()
        variance = (positives + 1) * (rows - positives + 1) / (rows + 2) ** 2
        rows_a_day = np.unique(days[inside], return_counts=True)[1]
        pairs = (rows_a_day * (rows_a_day - 1)).sum()
        found[int(number)] = 1 + min(effect.excess * variance, 1) * pairs / rows
    return found


def bias_error(score: np.ndarray, label: np.ndarray) -> float:
    """Its standard error, with a row of each outcome more at the mean score."""
    mean = score.mean()
    off = np.append(score - label, [mean - 1, mean])
    return float(off.std(ddof=1) / np.sqrt(len(off)))


def bounds(rate: float, rows: int, effect: DayEffect, design_effect: float) -> tuple[float, float]:
    """Wilson's for as many rows as the days leave of them."""
    quantile = effect.quantile(design_effect)
    return wilson(rate, rows / (design_effect * (quantile / Z) ** 2))
