"""The split of a change of loss over the bins of one feature, row by row."""

from dataclasses import dataclass

import numpy as np

MOST_DENSE = 50
"""Bins that the window fills so many times more than the reference have no support in it."""


@dataclass(frozen=True)
class Side:
    """Rows of one side in parallel arrays: the bin of the feature, the loss, the day."""

    bins: np.ndarray
    loss: np.ndarray
    day: np.ndarray

    def between(self, first: int, last: int) -> "Side":
        inside = (self.day >= first) & (self.day <= last)
        return Side(self.bins[inside], self.loss[inside], self.day[inside])

    def share(self, bins: np.ndarray) -> np.ndarray:
        """Share of the rows that is in the bin of each row of another side."""
        return np.array([(self.bins == one).mean() for one in bins])

    def loss_in(self, bins: np.ndarray) -> np.ndarray:
        """Mean loss in the bin of each row of another side, 0 where there is no row."""
        means = {one: self.loss[self.bins == one].mean() for one in np.unique(self.bins)}
        return np.array([means.get(one, 0.0) for one in bins])


@dataclass(frozen=True)
class Split:
    """The three effects with standard errors of two of them."""

    mix: float
    concept: float
    outside: float
    mix_error: float
    concept_error: float
    outside_share: float
    effective_rows: float

    @property
    def total(self) -> float:
        return self.mix + self.concept + self.outside


def split_of(now: Side, then: Side) -> Split:
    """Mix, concept and out of support, each the mean of what rows pull."""
    densities = {
        one: (now.bins == one).mean() / max((then.bins == one).mean(), 1e-300)
        for one in np.unique(now.bins)
    }
    inside = np.array([densities[one] <= MOST_DENSE for one in now.bins])
    weight = np.array([densities.get(one, 0.0) for one in then.bins])
    weight[weight > MOST_DENSE] = 0
    before, whole = then.loss_in(now.bins), then.loss.mean()
    mix = np.where(inside, before - whole, 0)
    concept = np.where(inside, now.loss - before, 0)
    of_then = weight * (then.loss - then.loss_in(then.bins))
    drawn = of_then - inside.mean() * (then.loss - whole)
    return Split(
        mix=mix.mean(),
        concept=concept.mean(),
        outside=np.where(inside, 0, now.loss - whole).mean(),
        mix_error=_error(mix, now.day, drawn),
        concept_error=_error(concept, now.day, of_then),
        outside_share=1 - inside.mean(),
        effective_rows=weight.sum() ** 2 / max((weight**2).sum(), 1e-300),
    )


def _error(pull: np.ndarray, day: np.ndarray, of_then: np.ndarray) -> float:
    """Of the mean pull: rows independent, widened on both sides by what days of the window show."""
    places = np.unique(day, return_inverse=True)[1]
    sums = np.bincount(places, pull - pull.mean())
    days = len(sums)
    of_days = (sums**2).sum() / len(pull) ** 2 * days / (days - 1)
    of_rows = pull.var(ddof=1) / len(pull)
    effect = max(of_days / of_rows, 1) if of_rows > 1e-25 else 1
    return float(np.sqrt(effect * (of_rows + of_then.var(ddof=1) / len(of_then))))
