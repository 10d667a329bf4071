"""Patterns of error from raw rows: sums in numpy, tests and intervals by scipy."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import stats

from truth.features import Bin, bin_ids
from truth.intervals import Rows, losses
from truth.rows import Truth

LEAST_ROWS, LEAST_DAYS = 100, 7
Key = tuple[str, str, str, str, int]
"""pattern_kind, segment_name, segment_value, feature_name, bin_id."""


@dataclass(frozen=True)
class Judged:
    """Served rows with a label and a score between 0 and 1, in parallel arrays."""

    day: np.ndarray
    score: np.ndarray
    label: np.ndarray
    loss: np.ndarray
    threshold: float

    def of(self, mask: np.ndarray) -> "Judged":
        return Judged(
            self.day[mask], self.score[mask], self.label[mask], self.loss[mask], self.threshold
        )

    def between(self, first: int, last: int) -> "Judged":
        return self.of((self.day >= first) & (self.day <= last))

    @cached_property
    def by_day(self) -> Mapping[int, tuple[int, float]]:
        """Rows and sum of the loss of each day that has any."""
        days, places = np.unique(self.day, return_inverse=True)
        sums = np.bincount(places, self.loss)
        return dict(zip(days.tolist(), zip(np.bincount(places), sums, strict=True), strict=True))

    def mean_variance(self) -> float | None:
        n = len(self.loss)
        if n < 2 or np.ptp(self.loss) == 0:
            return None
        return float(self.loss.var(ddof=1) / n)


def judged_mask(truth: Truth) -> np.ndarray:
    rows = truth.rows
    with np.errstate(invalid="ignore"):
        valid = (rows.score >= 0) & (rows.score <= 1)
    return rows.served & ~np.isnan(rows.label) & valid


def judged_rows(truth: Truth) -> Judged:
    rows, inside = truth.rows, judged_mask(truth)
    score, label = rows.score[inside], rows.label[inside]
    day = rows.day[inside]
    loss = losses("log_loss", Rows(score, label, day))
    return Judged(day, score, label, loss, truth.threshold)


def patterns(truth: Truth, bins: dict[str, list[Bin]]) -> Iterator[tuple[Key, np.ndarray]]:
    """Every pattern with the mask of its rows among the judged ones."""
    rows, judged = truth.rows, judged_mask(truth)
    for names in truth.features.values():
        for feature in names:
            ids = _bin_ids(truth, bins, feature)[judged]
            for one in np.unique(ids):
                yield ("feature_bin", "overall", "all", feature, int(one)), ids == one
    for name, values in rows.segments.items():
        for value in sorted(set(values[judged])):
            yield ("segment", name, str(value), "all", 0), values[judged] == value


def _bin_ids(truth: Truth, bins: dict[str, list[Bin]], feature: str) -> np.ndarray:
    """As published; a number of a feature whose reference had none is unseen."""
    rows = truth.rows
    if feature not in rows.numeric or any(
        one.kind in ("interval", "point") for one in bins[feature]
    ):
        return bin_ids(truth, bins, feature, rows)
    finite = np.isfinite(rows.numeric[feature])
    return np.where(rows.nulls[feature], -1, np.where(finite, -3, -2))


def gap_variance(own: Judged, everything: Judged) -> float | None:
    """Of the mean of the pattern less that of all rows: Welch's, or a random draw's if larger."""
    n, total = len(own.loss), len(everything.loss)
    if n == total:
        return None
    others_sum = everything.loss.sum() - own.loss.sum()
    others_squares = (everything.loss**2).sum() - (own.loss**2).sum()
    others = None
    if total - n > 1:
        others = (others_squares - others_sum**2 / (total - n)) / (total - n) / (total - n - 1)
    mine = own.mean_variance()
    drawn = everything.mean_variance()
    found = [] if drawn is None else [(1 - n / total) * drawn * total / n]
    if mine is not None and others is not None:
        found.append((1 - n / total) ** 2 * (mine + others))
    return max(found, default=None)


def day_effects(own: Judged, everything: Judged) -> tuple[int, float, float]:
    """Days with a row of the pattern, design effects of its mean and of its gap to all rows."""
    n, total = len(own.loss), len(everything.loss)
    mean, mean_of_all = own.loss.mean(), everything.loss.mean()
    pulls, gaps = [], []
    for day, (rows_of_day, loss_of_day) in everything.by_day.items():
        count, loss = own.by_day.get(day, (0, 0.0))
        pulls.append((loss - mean * count) / n)
        gaps.append(pulls[-1] - (loss_of_day - mean_of_all * rows_of_day) / total)
    days = len(own.by_day)
    if days < 2:
        return days, 1.0, 1.0
    scale = days / (days - 1)
    variance, variance_of_gap = own.mean_variance(), gap_variance(own, everything)
    effect = scale * np.square(pulls).sum() / variance if variance else 1.0
    gap_effect = scale * np.square(gaps).sum() / variance_of_gap if variance_of_gap else 1.0
    return days, max(1.0, float(effect)), max(1.0, float(gap_effect))


@dataclass(frozen=True)
class Pattern:
    """One pattern in one window, and what is known of it."""

    own: Judged
    everything: Judged
    before: Judged
    days: int
    effect: float
    gap_effect: float
    is_whole: bool
    previous_is_whole: bool

    @property
    def lift(self) -> float:
        return float(self.own.loss.mean() / self.everything.loss.mean())

    @property
    def variance(self) -> float | None:
        found = gap_variance(self.own, self.everything)
        return None if found is None else found * self.gap_effect

    @property
    def lift_variance(self) -> float:
        assert self.variance is not None
        return float(self.variance / self.everything.loss.mean() ** 2)

    @property
    def is_judged(self) -> bool:
        return (
            len(self.own.loss) >= LEAST_ROWS
            and self.days >= LEAST_DAYS
            and self.is_whole
            and self.variance is not None
        )

    @property
    def p_value(self) -> float:
        assert self.variance is not None
        t = (self.own.loss.mean() - self.everything.loss.mean()) / np.sqrt(self.variance)
        return float(2 * stats.t.sf(abs(t), self.days - 1))

    @property
    def excess(self) -> float:
        return float(self.own.loss.sum() - self.everything.loss.mean() * len(self.own.loss))

    def change(self) -> tuple[float, float, float] | None:
        """Change against the window before, with its bounds."""
        thin = min(len(self.own.loss), len(self.before.loss)) < LEAST_ROWS
        if thin or self.days < LEAST_DAYS or not self.previous_is_whole:
            return None
        change = float(self.own.loss.mean() - self.before.loss.mean())
        variances = self.own.mean_variance(), self.before.mean_variance()
        assert variances[0] is not None
        assert variances[1] is not None
        spread = stats.t.ppf(0.975, self.days - 1) * np.sqrt(sum(variances) * self.effect)
        return change, change - spread, change + spread


def patterns_of(
    truth: Truth, masks: Mapping[Key, np.ndarray], everything: Judged, day: int, window: int
) -> dict[Key, Pattern]:
    """All patterns with a row in the window that ends on the day."""
    inside = everything.between(day - window + 1, day)
    month = everything.between(day - 29, day)
    age = day - truth.first_day + 1
    found = {}
    for key, mask in masks.items():
        rows = everything.of(mask)
        own = rows.between(day - window + 1, day)
        if not len(own.day):
            continue
        effects = day_effects(rows.between(day - 29, day), month)
        found[key] = Pattern(
            own,
            inside,
            rows.between(day - 2 * window + 1, day - window),
            *effects,
            is_whole=age >= window,
            previous_is_whole=age >= 2 * window,
        )
    return found


def shrunk_lifts(judged: Sequence[Pattern]) -> list[float]:
    """Empirical Bayes around 1 with the variance of DerSimonian and Laird (1986)."""
    weights = np.array([1 / one.lift_variance for one in judged])
    excess = np.array([one.lift - 1 for one in judged])
    between = max(0.0, float((weights * excess**2).sum() - len(judged)) / float(weights.sum()))
    return list(1 + excess * between / (between + 1 / weights))


def worst_rows(truth: Truth, version: str, monday: int) -> list[tuple[str, float]]:
    """Id and error of the 20 rows of a week with the largest |score - label|."""
    rows = truth.rows
    error = np.abs(rows.score - rows.label)
    with np.errstate(invalid="ignore"):
        inside = (rows.score >= 0) & (rows.score <= 1) & ~np.isnan(rows.label)
    inside &= rows.of_version(version) & (rows.day >= monday) & (rows.day < monday + 7)
    entries = sorted(
        (-float(error[at]), int(rows.day[at]), str(rows.ids[at])) for at in np.flatnonzero(inside)
    )
    return [(name, -distance) for distance, _, name in entries[:20]]


def monday_of(day: int) -> int:
    """Python's ordinal 1 was a Monday."""
    return day - (day - 1) % 7
