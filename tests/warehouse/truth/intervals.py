"""How far days and rows pull a metric, from raw rows: the variance that its interval stands on."""

from dataclasses import dataclass

import numpy as np
from scipy import stats
from sklearn import metrics

from truth.performance import Z, score_cells

EPSILON = 2.220446049250313e-16
STEP = 1e-6


@dataclass(frozen=True)
class Rows:
    """Judged rows (label known, score between 0 and 1) and the day of each."""

    score: np.ndarray
    label: np.ndarray
    day: np.ndarray

    def inside(self, chosen: np.ndarray) -> "Rows":
        return Rows(self.score[chosen], self.label[chosen], self.day[chosen])


@dataclass(frozen=True)
class Pull:
    """The square of what a day pulls a metric of the 30 days up to it, what rows alone would give
    for it, and what each row's worth of variance between days would."""

    square: float
    of_rows: float
    of_days: float


def losses(metric: str, rows: Rows) -> np.ndarray:
    """The loss of each row, of which `log_loss` and `brier` are the mean; of the bias its part."""
    if metric == "bias":
        return np.asarray(rows.score - rows.label)
    if metric == "brier":
        return np.asarray((rows.score - rows.label) ** 2)
    chance = np.where(rows.label == 1, rows.score, 1 - rows.score)
    return np.asarray(-np.log(np.maximum(chance, EPSILON)))


def day_pull(metric: str, month: Rows, day: int, threshold: float, per_unit: int) -> Pull | None:
    """What `day`, the last of `month`, pulls the metric; None where that says nothing."""
    own, positive = month.day == day, month.label == 1
    everything = np.ones(len(own), dtype=bool)
    if metric in ("roc_auc", "gini", "average_precision"):
        cells = score_cells(month.score, per_unit).astype(float)
        if not 0 < positive.sum() < len(positive):
            return None
        of = precision_influences if metric == "average_precision" else auc_influences
        influence = len(cells) * (2 if metric == "gini" else 1) * of(cells, positive)
        # Placements of each class lie around their own mean.
        groups = [everything] if metric == "average_precision" else [positive, ~positive]
    else:
        called = month.score >= threshold
        value, counted = {
            "accuracy": (called == positive, everything),
            "precision": (called & positive, called),
            "recall": (called & positive, positive),
            "f1": (called & positive, called | positive),
        }.get(metric) or (losses(metric, month), everything)
        if not counted.any():
            return None
        influence = np.where(counted, value - value[counted].mean(), 0.0)
        groups = [counted]
    of_rows = 0.0
    for group in groups:
        part = (own & group).sum() / group.sum()
        of_rows += (own & group).sum() * (influence[group] ** 2).mean() * (1 - part)
    if of_rows < 1e-9:
        return None
    whole = groups[0] if len(groups) == 1 else everything
    part = (own & whole).sum() / whole.sum()
    return Pull(influence[own].sum() ** 2, of_rows, of_rows * own.sum() * (1 - part))


def auc_influences(cells: np.ndarray, positive: np.ndarray) -> np.ndarray:
    """What one more row would add to AUC (DeLong's placements), every pair compared."""
    difference = cells[positive][:, None] - cells[~positive][None, :]
    wins = (difference > 0) + 0.5 * (difference == 0)
    found = np.empty(len(cells))
    found[positive] = (wins.mean(axis=1) - wins.mean()) / positive.sum()
    found[~positive] = (wins.mean(axis=0) - wins.mean()) / (~positive).sum()
    return found


def precision_influences(cells: np.ndarray, positive: np.ndarray) -> np.ndarray:
    """The derivative of average precision in the weight of each row, by differences."""
    groups, group, counts = np.unique(
        np.column_stack([-cells, positive]), axis=0, return_inverse=True, return_counts=True
    )
    group = group.reshape(-1)
    weights = np.tile(counts.astype(float), (2 * len(groups), 1))
    weights[: len(groups)] += STEP * np.eye(len(groups))
    weights[len(groups) :] -= STEP * np.eye(len(groups))
    values = _average_precisions(groups, weights)
    given = (weights[0] / counts)[group]
    assert np.isclose(
        values[0], metrics.average_precision_score(positive, cells, sample_weight=given)
    )
    return np.asarray(((values[: len(groups)] - values[len(groups) :]) / (2 * STEP))[group])


def _average_precisions(groups: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Average precision for each row of weights, of groups (-score, is positive) in their order."""
    _, starts = np.unique(groups[:, 0], return_index=True)
    positives = np.add.reduceat(weights * groups[:, 1], starts, axis=1)
    through = np.add.reduceat(weights, starts, axis=1).cumsum(axis=1)
    precision = positives.cumsum(axis=1) / through
    return np.asarray((positives * precision).sum(axis=1) / positives.sum(axis=1))


@dataclass(frozen=True)
class DayEffect:
    """What a row more on each day adds to the variance, and from how many days that is known."""

    excess: float = 0.0
    days: float = np.inf
    ratio: float = np.inf
    """What days pull, squared, over what rows would."""

    def of(self, rows_a_day: np.ndarray) -> float:
        """The design effect of a window with so many rows on each of its days."""
        if not rows_a_day.sum():
            return 1.0
        return float(1 + self.excess * (rows_a_day**2).sum() / rows_a_day.sum())

    def of_bound(self) -> float:
        """What a variance that is a bound is multiplied by where days show that it is less."""
        return float(min(self.ratio * (stats.t.ppf(0.975, max(self.days, 4)) / Z) ** 2, 1))

    def quantile(self, design_effect: float) -> float:
        """Student's 97.5 % quantile with Satterthwaite's degrees of freedom, at least 4."""
        if design_effect == 1:
            return Z
        degrees = self.days / (1 - 1 / design_effect) ** 2
        return float(stats.t.ppf(0.975, max(degrees, 4)))


def error_of_loss(error: float, loss: float, rows: int, month: tuple[float, float, int]) -> float:
    """The standard error of a window's loss, or that of the same of the 30 days up to it, for so
    many rows and so much loss, if it is larger, up to twice as much."""
    month_error, month_loss, month_rows = month
    if not month_loss > 0:
        return error
    of_month = month_error * np.sqrt(month_rows / rows * loss / month_loss)
    return float(np.fmax(error, np.fmin(of_month, 2 * error)))


def day_effect(pulls: list[Pull]) -> DayEffect:
    """From the days that say something."""
    if len(pulls) < 7:
        return DayEffect()
    of_rows = np.array([pull.of_rows for pull in pulls])
    above = sum(pull.square for pull in pulls) / of_rows.sum() - 1
    days = of_rows.sum() ** 2 / (of_rows**2).sum()
    if above <= 0:
        return DayEffect(0.0, days, 1 + above)
    kept = max(1 - 1 / days / above**2, 0.0)
    of_days = sum(pull.of_days for pull in pulls)
    return DayEffect(above * of_rows.sum() / of_days * kept, days, 1 + above)


def average_precision(
    cells: np.ndarray, positive: np.ndarray
) -> tuple[float, float, float, float, float]:
    """Mean precision when rows of a cell come in random order, position by position: value, least
    and greatest, by how much it is too great on average, and its standard error."""
    total = positive.sum()
    mixed = worst = best = excess = 0.0
    true_before = before = 0
    for cell in np.unique(cells)[::-1]:
        m, p = int((cells == cell).sum()), int((positive & (cells == cell)).sum())
        if p:
            place = np.arange(1, m + 1)
            others = (place - 1) * (p - 1) / max(m - 1, 1)
            mixed += p * ((true_before + 1 + others) / (before + place)).mean()
            rank = np.arange(1, p + 1)
            worst += ((true_before + rank) / (before + m - p + rank)).sum()
            best += ((true_before + rank) / (before + rank)).sum()
            excess += p * ((1 - (true_before + p) / (before + m)) / (before + place)).mean()
        true_before, before = true_before + p, before + m
    error = np.sqrt((precision_influences(cells, positive) ** 2).sum() * total / (total - 1))
    error *= stats.t.ppf(0.975, max(total - 1, 4)) / Z
    return mixed / total, worst / total, best / total, excess / total, float(error)
