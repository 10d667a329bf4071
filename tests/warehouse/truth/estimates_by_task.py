"""What metrics of any task are, from raw rows, with what their intervals stand on."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from truth.intervals import Pull, day_effect, error_of_loss
from truth.performance import Z, wilson


@dataclass(frozen=True)
class Rows:
    """Rows of the log of one version and segment: the day, whether a row is judged, and columns of
    the task."""

    day: np.ndarray
    is_judged: np.ndarray
    columns: dict[str, np.ndarray]

    def inside(self, chosen: np.ndarray) -> "Rows":
        columns = {name: values[chosen] for name, values in self.columns.items()}
        return Rows(self.day[chosen], self.is_judged[chosen], columns)

    def between(self, first: int, last: int) -> "Rows":
        return self.inside((self.day >= first) & (self.day <= last))

    @property
    def judged(self) -> "Rows":
        return self.inside(self.is_judged)


@dataclass(frozen=True)
class Influence:
    """What each row (or query) adds to a value times their number, around 0 in each group."""

    of_row: np.ndarray
    groups: Sequence[np.ndarray]


@dataclass(frozen=True)
class Estimate:
    """A metric, how far cells may move it, and its standard error for independent rows. A mean over
    classes has an influence for each of them, of which nobody knows how they go together."""

    value: float
    error: float
    day: np.ndarray
    influences: Sequence[Influence]
    tolerance: float = 1e-8


Estimator = Callable[[str, Rows], Estimate | None]


@dataclass(frozen=True)
class Intervals:
    """The 95 % bounds of windows of one version and segment."""

    estimate: Estimator
    rows: Rows
    pulls: dict[tuple[str, int], Pull | None] = field(default_factory=dict)

    def pull_of(self, metric: str, day: int) -> Pull | None:
        """What a day pulls the metric of the 30 days up to it; None where that says nothing."""
        if (metric, day) not in self.pulls:
            self.pulls[metric, day] = self._pull_of(metric, day)
        return self.pulls[metric, day]

    def _pull_of(self, metric: str, day: int) -> Pull | None:
        month = self.rows.between(day - 29, day).judged
        if not (month.day == day).any():
            return None
        found = self.estimate(metric, month)
        own = found.day == day if found else np.zeros(0, bool)
        if found is None or not own.any():
            return None
        pull = np.mean([influence.of_row[own].sum() for influence in found.influences])
        of_rows = 0.0
        for influence in found.influences:
            of_class = 0.0
            for group in influence.groups:
                part = (own & group).sum() / group.sum()
                square = (influence.of_row[group] ** 2).mean()
                of_class += (own & group).sum() * square * (1 - part)
            of_rows += np.sqrt(of_class) / len(found.influences)
        of_rows = of_rows**2
        if of_rows < 1e-9:
            return None
        counted = np.any(found.influences[0].groups, axis=0)
        part = (own & counted).sum() / counted.sum()
        return Pull(pull**2, of_rows, of_rows * (month.day == day).sum() * (1 - part))

    def of(self, metric: str, scale: str, last: int, window: int) -> tuple[float, float] | None:
        """Symmetric on the logarithm of a loss, on the logit of a share, or Wilson's."""
        inside = self.rows.between(last - window + 1, last).judged
        found = self.estimate(metric, inside)
        if found is None or np.isnan(found.error):
            return None
        pulls = (self.pull_of(metric, day) for day in range(last - 27, last + 1))
        effect = day_effect([pull for pull in pulls if pull is not None])
        design_effect = effect.of(np.unique(inside.day, return_counts=True)[1])
        quantile = np.sqrt(design_effect) * effect.quantile(design_effect)
        if len(found.influences) > 1 and effect.ratio < 1:
            quantile = Z * np.sqrt(effect.of_bound())
        value, error = found.value, found.error * quantile
        if scale == "wilson":
            return wilson(value, len(inside.day) / (quantile / Z) ** 2)
        if scale == "logit":
            if not 0 < value < 1:
                return None
            middle, half = np.log(value / (1 - value)), error / (value * (1 - value))
            return 1 / (1 + np.exp(half - middle)), 1 / (1 + np.exp(-half - middle))
        month = self.rows.between(last - 29, last).judged
        of_month = self.estimate(metric, month)
        assert of_month is not None
        losses = [1 - of.value if scale == "unexplained" else of.value for of in (found, of_month)]
        loss = losses[0]
        in_month = (of_month.error, losses[1], len(month.day))
        error = quantile * error_of_loss(found.error, loss, len(inside.day), in_month)
        lower, upper = loss * np.exp(-error / loss), loss * np.exp(error / loss)
        return (1 - upper, 1 - lower) if scale == "unexplained" else (lower, upper)


def error_of_mean(values: np.ndarray) -> float:
    return float(values.std(ddof=1) / np.sqrt(len(values))) if len(values) > 1 else np.nan


def error_of_sum(influence: np.ndarray) -> float:
    """Of a sum of influences around 0."""
    n = len(influence)
    return float(np.sqrt(n / (n - 1) * (influence**2).sum())) if n > 1 else np.nan
