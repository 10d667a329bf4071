"""Probability calibration of raw scores."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from scipy.optimize import brentq, minimize
from scipy.special import expit

FloatArray = npt.NDArray[np.float64]
SMALLEST = 1e-6


@dataclass(frozen=True)
class Calibration:
    """A rising map from raw scores (log odds) to probabilities, expit(slope * raw + intercept)."""

    method: Literal["platt", "intercept", "identity"]
    slope: float
    intercept: float
    row_count: int

    def apply(self, raw_score: npt.ArrayLike) -> FloatArray:
        """Probabilities of shape (n_rows,), inside [1e-6, 1 - 1e-6]; ranks are kept."""
        raw = np.asarray(raw_score, dtype=np.float64)
        probability = expit(self.slope * raw + self.intercept)
        return np.asarray(np.clip(probability, SMALLEST, 1 - SMALLEST), dtype=np.float64)

    def to_json(self) -> dict[str, Any]:
        """The calibration as JSON values; `from_json` is its inverse."""
        return {
            "method": self.method,
            "slope": self.slope,
            "intercept": self.intercept,
            "row_count": self.row_count,
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Calibration":
        """Read back what `to_json` gave; raises KeyError when a part is missing."""
        return cls(
            value["method"],
            float(value["slope"]),
            float(value["intercept"]),
            int(value["row_count"]),
        )


def fit_calibration(
    raw_score: npt.ArrayLike, label: npt.ArrayLike, weight: npt.ArrayLike | None = None
) -> Calibration:
    """Fit a Platt calibration on raw scores (log odds), all arrays of shape (n_rows,).

    The rows are those of the validation split. Early stopping looked at them too, but only to pick
    one number of rounds: with two parameters the optimism is far below the noise, and the holdout
    stays untouched for the judgement. Two parameters rather than isotonic steps: they are strictly
    rising, so that no two scores become a tie and AUC stays the same, and they extrapolate.
    Nothing was resampled, so the class prior is that of production and needs no correction.

    Where the best slope is not above 0 the scores carry no order worth keeping: only the
    intercept is fitted, with slope 1. With one class alone the result is the identity. Raises
    ValueError when the arrays differ in length. Source: Platt 1999, with his smoothed targets,
    which keep the slope finite on separable data.
    """
    raw = np.asarray(raw_score, dtype=np.float64)
    target = np.asarray(label, dtype=np.float64)
    weights = np.ones_like(raw) if weight is None else np.asarray(weight, dtype=np.float64)
    if not raw.shape == target.shape == weights.shape:
        raise ValueError(
            f"calibration: found {raw.size} scores, {target.size} labels, {weights.size} weights; "
            "expected as many of each"
        )
    count = int(raw.size)
    positives = int((target == 1).sum())
    if positives in (0, count):
        return Calibration("identity", 1.0, 0.0, count)
    smooth = np.where(target == 1, (positives + 1) / (positives + 2), 1 / (count - positives + 2))
    slope, intercept = _fit_logistic(raw, smooth, weights)
    if slope > 0:
        return Calibration("platt", slope, intercept, count)
    return Calibration("intercept", 1.0, _fit_intercept(raw, smooth, weights), count)


def anchored(
    calibration: Calibration,
    raw_score: npt.ArrayLike,
    label: npt.ArrayLike,
    weight: npt.ArrayLike | None = None,
) -> Calibration:
    """Keep the slope and set the intercept so that these rows' mean probability is their rate.

    The slope says how sure the scores may be; two validation weeks can tell that. They cannot tell
    the base rate, which moves more from week to week than their size suggests: it is taken from
    the whole training window. Arrays of shape (n_rows,); one class alone changes nothing.
    """
    raw = np.asarray(raw_score, dtype=np.float64)
    target = np.asarray(label, dtype=np.float64)
    weights = np.ones_like(raw) if weight is None else np.asarray(weight, dtype=np.float64)
    if calibration.method == "identity" or target.min() == target.max():
        return calibration
    return replace(calibration, intercept=_fit_intercept(calibration.slope * raw, target, weights))


def _fit_logistic(raw: FloatArray, target: FloatArray, weight: FloatArray) -> tuple[float, float]:
    """Slope and intercept that minimise the weighted log loss against soft targets."""
    centre = float(np.average(raw, weights=weight))
    spread = float(np.sqrt(np.average((raw - centre) ** 2, weights=weight)))
    if spread < 1e-12:
        return 0.0, 0.0
    standard = (raw - centre) / spread
    share = weight / weight.sum()

    def loss(beta: FloatArray) -> tuple[float, FloatArray]:
        linear = beta[0] * standard + beta[1]
        gap = share * (expit(linear) - target)
        value = float((share * (np.logaddexp(0.0, linear) - target * linear)).sum())
        return value, np.array([(gap * standard).sum(), gap.sum()])

    fitted = minimize(
        loss, np.array([spread, centre]), jac=True, method="BFGS", options={"gtol": 1e-9}
    )
    slope = float(fitted.x[0]) / spread
    return slope, float(fitted.x[1]) - slope * centre


def _fit_intercept(raw: FloatArray, target: FloatArray, weight: FloatArray) -> float:
    """The shift of the raw scores at which their mean probability is the mean target."""
    goal = float(np.average(target, weights=weight))

    def excess(shift: float) -> float:
        return float(np.average(expit(raw + shift), weights=weight)) - goal

    return float(brentq(excess, -60.0 - float(raw.max()), 60.0 - float(raw.min()), xtol=1e-12))
