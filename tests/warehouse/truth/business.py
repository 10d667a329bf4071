"""Business metrics from raw rows: a ratio of sums, its variance by the delta method."""

from collections.abc import Mapping

import numpy as np

from truth.estimates_by_task import Estimate, Influence, Intervals, Rows
from truth.intervals import day_effect
from truth.rows import Truth

Sides = Mapping[str, tuple[np.ndarray, np.ndarray]]
LARGEST = 1e37


def of_orders(truth: Truth, version: str, segment: tuple[str, str], metric: str) -> Rows:
    """The rows of a version and segment of `orders` with both sides of a metric of `nasty`."""
    numeric = truth.rows.numeric
    with np.errstate(invalid="ignore"):
        sides: Sides = {
            "cost_per_click": (
                np.where(numeric["amount"] > 1e6, 1e300, numeric["amount"]),
                np.minimum(numeric["clicks"], 3),
            ),
            "margin": (numeric["balance"] * numeric["ratio"], np.ones(len(truth.rows.day))),
        }
    chosen = truth.rows.of_version(version) & truth.rows.in_segment(*segment)
    return rows_of(truth.rows.day, *sides[metric]).inside(chosen)


def rows_of(day: np.ndarray, numerator: np.ndarray, denominator: np.ndarray) -> Rows:
    """A row whose numerator or denominator is null, not finite or huge takes no part."""
    with np.errstate(invalid="ignore"):
        takes_part = (np.abs(numerator) <= LARGEST) & (np.abs(denominator) <= LARGEST)
    return Rows(day, takes_part, {"numerator": numerator, "denominator": denominator})


def estimate(metric: str, rows: Rows) -> Estimate | None:
    """None where denominators add up to 0; `rows` take part."""
    numerator, denominator = rows.columns["numerator"], rows.columns["denominator"]
    total = denominator.sum()
    if not total:
        return None
    value = numerator.sum() / total
    left = numerator - value * denominator
    # What rounding leaves of rows that are all in the same ratio.
    left = np.where(np.abs(left).max() < 1e-12 * np.abs(numerator).max(), 0, left)
    everything = np.ones(len(left), bool)
    return Estimate(value, error_of(rows, left), rows.day, [Influence(left, [everything])])


def error_of(rows: Rows, left: np.ndarray, row_variance: float = 0.0) -> float:
    """By the delta method; `row_variance` is the least that a row is taken to vary."""
    n, total = len(left), abs(rows.columns["denominator"].sum())
    if n < 2:
        return np.nan
    return float(np.sqrt(n * max((left**2).mean(), row_variance) * n / (n - 1)) / total)


def bounds(
    intervals: Intervals, metric: str, last: int, window: int
) -> tuple[float, float, float] | None:
    """Both 95 % bounds and the design effect: on the logarithm of what cannot be negative."""
    inside = intervals.rows.between(last - window + 1, last).judged
    found = estimate(metric, inside)
    month = estimate(metric, intervals.rows.between(last - 29, last).judged)
    if found is None or len(inside.day) < 2:
        return None
    least = (month.influences[0].of_row ** 2).mean() if month else 0.0
    pulls = (intervals.pull_of(metric, day) for day in range(last - 27, last + 1))
    effect = day_effect([pull for pull in pulls if pull is not None])
    design_effect = effect.of(np.unique(inside.day, return_counts=True)[1].astype(float))
    error = error_of(inside, found.influences[0].of_row, least)
    half = error * np.sqrt(design_effect) * effect.quantile(design_effect)
    value = found.value
    if min(inside.columns["numerator"].min(), inside.columns["denominator"].min()) < 0:
        return value - half, value + half, design_effect
    if value == 0:
        return 0.0, half, design_effect
    return value * np.exp(-half / value), value * np.exp(half / value), design_effect


def bootstrap_error(rows: Rows, seed: int = 5, draws: int = 2000) -> float:
    """The standard deviation of the ratio when rows are drawn anew."""
    generator = np.random.default_rng(seed)
    numerator, denominator = rows.columns["numerator"], rows.columns["denominator"]
    drawn = generator.integers(0, len(numerator), (draws, len(numerator)))
    return float((numerator[drawn].sum(axis=1) / denominator[drawn].sum(axis=1)).std())
