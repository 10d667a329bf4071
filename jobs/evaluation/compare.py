"""Challenger and live version on the same held-out rows, with a bootstrap of whole days.

Rows of a day share weather, campaigns and users, so days are drawn, not rows (the cluster
bootstrap), and both models see the same days in every draw, so that what makes a day hard cancels
out of the difference. A metric of a draw is arithmetic on sums by day: 1,000 draws of 30,000 rows
cost a few matrix products.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import polars as pl

from jobs.evaluation.day_bootstrap import day_weights, weighted_metric

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
IntArray = npt.NDArray[np.int64]

OVERALL = ("overall", "all")
RESULT_SCHEMA: Mapping[str, type[pl.DataType]] = {
    "run_id": pl.String,
    "monitor": pl.String,
    "challenger_version": pl.String,
    "champion_version": pl.String,
    "segment_name": pl.String,
    "segment_value": pl.String,
    "metric_name": pl.String,
    "row_count": pl.Int64,
    "day_count": pl.Int64,
    "challenger_value": pl.Float64,
    "champion_value": pl.Float64,
    "difference": pl.Float64,
    "lower_bound": pl.Float64,
    "upper_bound": pl.Float64,
}


@dataclass(frozen=True)
class HoldoutRows:
    """Held-out rows in one order; every array has shape (n_rows,), scores are probabilities."""

    label: FloatArray
    day: IntArray
    challenger: FloatArray
    champion: FloatArray | None = None
    segments: Mapping[str, Sequence[str] | npt.NDArray[np.str_]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.label)


@dataclass(frozen=True)
class Bootstrap:
    """How bounds are drawn and what is too thin to be compared; policy parameters."""

    draws: int = 1000
    seed: int = 0
    level: float = 0.95
    minimum_rows: int = 300
    minimum_days: int = 5
    minimum_class_rows: int = 30


@dataclass(frozen=True)
class Comparison:
    """One metric of one segment value; numbers are None where they are not defined."""

    segment_name: str
    segment_value: str
    metric_name: str
    row_count: int
    day_count: int
    challenger_value: float | None
    champion_value: float | None
    difference: float | None
    """Challenger minus live version, in the metric's own units and direction."""
    lower_bound: float | None
    upper_bound: float | None
    challenger_lower: float | None
    """Bounds of the challenger's own value, also where there is no live version."""
    challenger_upper: float | None


def compare(
    rows: HoldoutRows,
    metric_names: Sequence[str],
    segment_metric_names: Sequence[str] = (),
    threshold: float = 0.5,
    bootstrap: Bootstrap | None = None,
) -> list[Comparison]:
    """Compare on all rows (`overall`, `all`), then on each value of each segment.

    The difference carries its percentile interval (95 % by default) over draws of days with
    replacement. With D days it is too short by about sqrt((D - 1) / D). Where rows, days or a
    class are too few, or more than 5 % of draws are not defined, values or bounds are None.
    Raises KeyError for an unknown metric. Source: Field and Welsh 2007 (cluster bootstrap).
    """
    plan = bootstrap or Bootstrap()
    days, day_index = np.unique(rows.day, return_inverse=True)
    weights = day_weights(len(days), plan.draws, plan.seed)
    everything = np.ones(len(rows), dtype=bool)
    results = [
        _compare_one(rows, everything, day_index, weights, name, OVERALL, threshold, plan)
        for name in metric_names
    ]
    for segment_name in sorted(rows.segments):
        values = np.asarray(rows.segments[segment_name], dtype=np.str_)
        for value in np.unique(values):
            mask = np.asarray(values == value, dtype=np.bool_)
            results += [
                _compare_one(
                    rows,
                    mask,
                    day_index,
                    weights,
                    name,
                    (segment_name, str(value)),
                    threshold,
                    plan,
                )
                for name in segment_metric_names
            ]
    return results


def result_rows(
    comparisons: Sequence[Comparison],
    run_id: str,
    monitor: str,
    challenger_version: str,
    champion_version: str | None,
) -> pl.DataFrame:
    """Rows of `evaluation_results`, one per segment value and metric."""
    records = [
        {
            "run_id": run_id,
            "segment_name": one.segment_name,
            "segment_value": one.segment_value,
            "metric_name": one.metric_name,
            "monitor": monitor,
            "challenger_version": challenger_version,
            "champion_version": champion_version,
            "row_count": one.row_count,
            "day_count": one.day_count,
            "challenger_value": one.challenger_value,
            "champion_value": one.champion_value,
            "difference": one.difference,
            "lower_bound": one.lower_bound,
            "upper_bound": one.upper_bound,
        }
        for one in comparisons
    ]
    return pl.DataFrame(records, schema=dict(RESULT_SCHEMA))


def _compare_one(
    rows: HoldoutRows,
    mask: BoolArray,
    day_index: IntArray,
    weights: FloatArray,
    name: str,
    segment: tuple[str, str],
    threshold: float,
    plan: Bootstrap,
) -> Comparison:
    """One metric on the rows of one segment value."""
    label = rows.label[mask] == 1.0
    index = day_index[mask]
    positives = int(label.sum())
    day_count = len(np.unique(index))
    thin = (
        len(label) < plan.minimum_rows
        or day_count < plan.minimum_days
        or min(positives, len(label) - positives) < plan.minimum_class_rows
    )
    if thin:
        empty = (None,) * 7
        return Comparison(*segment, name, len(label), day_count, *empty)
    challenger = weighted_metric(name, label, rows.challenger[mask], index, weights, threshold)
    own = _interval(challenger[1:], plan.level)
    champion_value = difference = None
    bounds: tuple[float | None, float | None] = (None, None)
    if rows.champion is not None:
        champion = weighted_metric(name, label, rows.champion[mask], index, weights, threshold)
        champion_value = _number(champion[0])
        difference = _number(challenger[0] - champion[0])
        if difference is not None:
            bounds = _interval(challenger[1:] - champion[1:], plan.level)
    return Comparison(
        *segment,
        name,
        len(label),
        day_count,
        _number(challenger[0]),
        champion_value,
        difference,
        *bounds,
        *own,
    )


def _interval(draws: FloatArray, level: float) -> tuple[float | None, float | None]:
    """Percentile interval, or Nones when more than 5 % of the draws are not defined."""
    defined = draws[np.isfinite(draws)]
    if len(defined) == 0 or len(defined) < 0.95 * len(draws):
        return None, None
    lower, upper = np.quantile(defined, [(1 - level) / 2, (1 + level) / 2])
    return float(lower), float(upper)


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
