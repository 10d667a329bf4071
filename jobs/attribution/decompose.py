"""The change of a mean loss between two sets of rows, split into mix, concept and out of support.

With e the share of the current rows that lie outside the support of the reference, and the
reference weighted to look like the current rows inside it:

    mix     = (1 - e) (weighted reference loss - reference loss)
    outside = e (loss of the rows outside - reference loss)
    concept = the remainder = (1 - e) (loss of the rows inside - weighted reference loss)

Source: Cai, Namkoong, Yadlowsky (2023), Diagnosing Model Performance Under Distribution Shift.
"""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from jobs.attribution.domain import Domain, tell_apart
from jobs.attribution.folds import FloatArray, FoldModels, IntArray, Trees, folds_of
from jobs.training.dataset import FeatureMatrix

MAX_RATIO = 50.0
"""Where the reference is so many times thinner than the current rows, it has no support."""
DAYS_TO_FOLD = 4
"""With fewer days on a side the folds are of ids, for lack of days to leave out."""


@dataclass(frozen=True)
class Rows:
    """One side of the comparison; every array has n_rows as its first length."""

    features: FeatureMatrix
    loss: FloatArray
    day: IntArray
    ids: npt.NDArray[np.str_]

    def __len__(self) -> int:
        return len(self.loss)

    def part(self, mask: npt.NDArray[np.bool_]) -> "Rows":
        """The rows of a mask, in the order they stand."""
        return Rows(self.features[mask], self.loss[mask], self.day[mask], self.ids[mask])


@dataclass(frozen=True)
class Decomposition:
    """The parts of a change; `mix + concept + outside` is `total` up to rounding."""

    current_loss: float
    reference_loss: float
    weighted_loss: float
    """Loss the reference would have with the mix of the current rows inside its support."""
    outside_share: float
    mix: float
    mix_error: float
    """Standard error of `mix`, days (of few days rows) being independent of each other."""
    outside: float
    concept: float
    domain_auc: float
    effective_rows: float
    """Reference rows that the weights leave, (sum w)^2 / sum w^2 (Kish 1965)."""

    @property
    def total(self) -> float:
        """Current loss less reference loss."""
        return self.current_loss - self.reference_loss

    def of_all(self, current_loss: float, reference_loss: float) -> "Decomposition":
        """The same split of the change between the losses of all rows, of which these are a sample.

        What the sample has too much or too little is booked where the remainder is.
        """
        total = current_loss - reference_loss
        concept = total - self.mix - self.outside
        return replace(
            self, current_loss=current_loss, reference_loss=reference_loss, concept=concept
        )


def decompose(
    current: Rows, reference: Rows, categorical: tuple[int, ...] = (), trees: Trees | None = None
) -> Decomposition:
    """Split the change of the mean loss from `reference` to `current`.

    `categorical` are the columns of the features that hold category codes. The result depends on
    the rows, their order and the seed alone. Raises ValueError when a side has no rows.
    """
    if not len(current) or not len(reference):
        raise ValueError(
            f"attribution: found {len(current)} current and {len(reference)} reference rows; "
            "expected some of each"
        )
    trees = trees or Trees()
    by_day = _has_days(current) and _has_days(reference)
    fold = np.concatenate([folds_of(one.day, one.ids, by_day) for one in (current, reference)])
    domain = tell_apart(current.features, reference.features, fold, categorical, trees)
    # By id: a day's own level must not be missing from the trees that judge it, or what they lack
    # would count in full for the reference and only in part for the current rows.
    by_id = folds_of(reference.day, reference.ids, by_day=False)
    expected = FoldModels.fit(
        reference.features, reference.loss, by_id, categorical, "regression", trees
    )
    return split(
        current,
        reference,
        domain,
        expected.mean(current.features),
        expected.unseen(reference.features, by_id),
    )


def split(
    current: Rows,
    reference: Rows,
    domain: Domain,
    current_expected: FloatArray,
    reference_expected: FloatArray,
) -> Decomposition:
    """The parts, from density ratios and the loss that the reference lets expect of each row.

    The weighted reference loss is doubly robust (Robins, Rotnitzky, Zhao 1994): the mean expected
    loss of the current rows, and the weighted mean of what the reference rows have above theirs.
    It is right when either the ratios or the expected losses are.
    """
    inside = domain.current_ratio <= MAX_RATIO
    weight = np.where(domain.reference_ratio <= MAX_RATIO, domain.reference_ratio, 0.0)
    current_loss, reference_loss = float(current.loss.mean()), float(reference.loss.mean())
    if not inside.any() or not weight.any():  # nothing in common
        inside = np.zeros_like(inside)
        weight = np.ones_like(weight)
    share = float(inside.mean())
    weight = weight / weight.mean()
    surprise = weight * (reference.loss - reference_expected)
    expected = float(current_expected[inside].mean()) if share else reference_loss
    weighted_loss = expected + float(surprise.mean()) if share else reference_loss
    gain = weighted_loss - reference_loss
    mix = share * gain
    outside = float(np.where(inside, 0.0, current.loss - reference_loss).mean())
    # What each row pulls the mix by, times the rows of its side.
    current_pull = np.where(inside, current_expected - expected + gain, 0.0) - mix
    reference_pull = share * (
        surprise - weight * surprise.mean() - (reference.loss - reference_loss)
    )
    return Decomposition(
        current_loss=current_loss,
        reference_loss=reference_loss,
        weighted_loss=weighted_loss,
        outside_share=1.0 - share,
        mix=mix,
        mix_error=float(np.sqrt(_variance(current, current_pull)
                                + _variance(reference, reference_pull))),
        outside=outside,
        concept=(current_loss - reference_loss) - mix - outside,
        domain_auc=domain.auc,
        effective_rows=float(weight.sum() ** 2 / np.square(weight).sum()) if share else 0.0,
    )  # fmt: skip


def _variance(rows: Rows, pull: FloatArray) -> float:
    """Variance of the mean of what rows pull by, whole days being drawn where there are some."""
    groups = (
        np.unique(rows.day, return_inverse=True)[1] if _has_days(rows) else np.arange(len(rows))
    )
    sums = np.bincount(groups, pull)
    count = len(sums)
    return float(np.square(sums).sum() * count / max(count - 1, 1) / len(rows) ** 2)


def _has_days(rows: Rows) -> bool:
    return len(np.unique(rows.day)) >= DAYS_TO_FOLD
