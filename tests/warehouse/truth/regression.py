"""Predicted numbers of `nasty.fares` and what their metrics and intervals are, from raw rows."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import numpy as np
import polars as pl
from sklearn import metrics

from truth.intervals import DayEffect, Pull, day_effect

METRICS = ("rmse", "mae", "r2", "mape", "wape")


@dataclass(frozen=True)
class Predictions:
    """Rows of the log; a score or label that cannot be used, or is not known yet, is NaN."""

    day: np.ndarray
    version: np.ndarray
    zone: np.ndarray
    score: np.ndarray
    label: np.ndarray

    @classmethod
    def load(cls, rows: pl.DataFrame, as_of: date) -> "Predictions":
        end = datetime.combine(as_of + timedelta(days=1), time())
        rows = rows.filter(pl.col("asked_at") < end)
        known = (rows["paid_at"] < end).fill_null(False).to_numpy()
        label = rows["fare"].fill_null(np.nan).to_numpy()
        score = rows["predicted_fare"].fill_null(np.nan).to_numpy()
        return cls(
            np.array([at.date().toordinal() for at in rows["asked_at"]]),
            rows["model"].to_numpy(),
            rows["zone"].fill_null("unknown").to_numpy(),
            np.where(np.isfinite(score), score, np.nan),
            np.where(np.isfinite(label) & known, label, np.nan),
        )

    def inside(self, chosen: np.ndarray) -> "Predictions":
        return Predictions(*(getattr(self, name)[chosen] for name in self.__dataclass_fields__))

    def between(self, first: int, last: int) -> "Predictions":
        return self.inside((self.day >= first) & (self.day <= last))

    @property
    def judged(self) -> "Predictions":
        return self.inside(~np.isnan(self.score) & ~np.isnan(self.label))


@dataclass(frozen=True)
class Estimate:
    """A metric, its standard error for independent rows, and what each row adds to it (times a
    constant); only `counted` rows do."""

    value: float
    error: float
    influence: np.ndarray
    counted: np.ndarray


def estimate(metric: str, rows: Predictions) -> Estimate | None:
    """None where the metric is not defined; `rows` are judged."""
    label, score, n = rows.label, rows.score, len(rows.label)
    absolute, square = np.abs(score - label), (score - label) ** 2
    everything = np.ones(n, bool)
    if metric == "mape":
        counted = label != 0
        if not counted.any():
            return None
        loss = np.where(counted, absolute / np.abs(np.where(counted, label, 1)), 0)
        value = metrics.mean_absolute_percentage_error(label[counted], score[counted])
        error = _error_of_mean(loss[counted])
        return Estimate(value, error, np.where(counted, loss - value, 0), counted)
    if not n:
        return None
    if metric == "mae":
        value = metrics.mean_absolute_error(label, score)
        return Estimate(value, _error_of_mean(absolute), absolute - value, everything)
    if metric == "rmse":
        value = metrics.root_mean_squared_error(label, score)
        error = _error_of_mean(square) / (2 * value)
        return Estimate(value, error, square - value**2, everything)
    if metric == "wape":
        total = np.abs(label).sum()
        if not total:
            return None
        value = absolute.sum() / total
        pull = absolute - value * np.abs(label)
        return Estimate(value, _error_of_sum(pull) / total, pull, everything)
    if np.ptp(label) == 0:
        return None
    value = metrics.r2_score(label, score)
    around = (label - label.mean()) ** 2
    pull = square - (1 - value) * around
    return Estimate(value, _error_of_sum(pull) / around.sum(), pull / around.mean(), everything)


def _error_of_mean(loss: np.ndarray) -> float:
    return float(loss.std(ddof=1) / np.sqrt(len(loss))) if len(loss) > 1 else np.nan


def _error_of_sum(pull: np.ndarray) -> float:
    n = len(pull)
    return float(np.sqrt(n / (n - 1) * (pull**2).sum())) if n > 1 else np.nan


def pull_of(metric: str, rows: Predictions, day: int) -> Pull | None:
    """What a day pulls the metric of the 30 days up to it; None where that says nothing."""
    month = rows.between(day - 29, day).judged
    found = estimate(metric, month)
    own = month.day == day
    if found is None or not own.any():
        return None
    influence = found.influence
    counted = (own & found.counted).sum()
    part = counted / found.counted.sum()
    of_rows = counted * (influence[found.counted] ** 2).mean() * (1 - part)
    if of_rows < 1e-9:
        return None
    return Pull(influence[own].sum() ** 2, of_rows, of_rows * own.sum() * (1 - part))


def bounds(metric: str, rows: Predictions, last: int, window: int) -> tuple[float, float] | None:
    """The 95 % bounds of a window of all rows of one version and segment."""
    inside = rows.between(last - window + 1, last).judged
    found = estimate(metric, inside)
    if found is None:
        return None
    pulls = (pull_of(metric, rows, day) for day in range(last - 27, last + 1))
    effect: DayEffect = day_effect([pull for pull in pulls if pull is not None])
    per_day = np.unique(inside.day, return_counts=True)[1]
    design_effect = effect.of(per_day)
    error = found.error * np.sqrt(design_effect) * effect.quantile(design_effect)
    loss = 1 - found.value if metric == "r2" else found.value
    lower, upper = loss * np.exp(-error / loss), loss * np.exp(error / loss)
    return (1 - upper, 1 - lower) if metric == "r2" else (lower, upper)
