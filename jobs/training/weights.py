"""Recency weights: how much a training row counts by its age.

The warehouse computes the same weights in SQL (`training_window.sample_weight`). This module is
the reference those are tested against, and what the refit uses, where age is counted back from
the new end of training.
"""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
Scheme = Literal["step", "exponential", "none"]


@dataclass(frozen=True)
class Weighting:
    """How rows are weighted by age; the days and the factor are policy parameters."""

    scheme: Scheme = "step"
    recent_days: int = 91
    factor: float = 2.0
    half_life_days: float = 182.0

    def weights(self, age_days: npt.ArrayLike) -> FloatArray:
        """Weights of rows of these ages, see `recency_weights`."""
        return recency_weights(
            age_days, self.scheme, self.recent_days, self.factor, self.half_life_days
        )


def recency_weights(
    age_days: npt.ArrayLike,
    scheme: Scheme = "step",
    recent_days: int = 91,
    factor: float = 2.0,
    half_life_days: float = 182.0,
) -> FloatArray:
    """Weight of each training row, shape (n_rows,), mean 1.0, never rising with age.

    `age_days` has shape (n_rows,) and counts days back from the end of training: the last day has
    age 0. `step` gives `factor` to ages 0 .. recent_days - 1 and 1 to the rest; `exponential`
    halves every `half_life_days`; `none` gives 1 to all. No rows give no weights. Raises
    ValueError when an age is negative or not finite, or a parameter is out of its range.
    """
    age = np.asarray(age_days, dtype=np.float64)
    if age.ndim != 1:
        raise ValueError(f"age_days: found {age.ndim} dimensions; expected one")
    if age.size and not np.isfinite(age).all():
        raise ValueError("age_days: found NaN or infinity; expected finite days")
    if age.size and age.min() < 0:
        raise ValueError(
            f"age_days: found {age.min():g}; expected 0 or more days before the end of training"
        )
    raw = _raw_weights(age, scheme, recent_days, factor, half_life_days)
    return raw / raw.mean() if raw.size else raw


def _raw_weights(
    age: FloatArray, scheme: str, recent_days: int, factor: float, half_life_days: float
) -> FloatArray:
    """Weights before they are scaled to mean 1."""
    if scheme == "none":
        return np.ones_like(age)
    if scheme == "step":
        if recent_days < 0:
            raise ValueError(f"recent_days: found {recent_days}; expected 0 or more")
        if not (np.isfinite(factor) and factor >= 1):
            raise ValueError(f"factor: found {factor}; expected a number of at least 1")
        return np.where(age < recent_days, float(factor), 1.0)
    if scheme == "exponential":
        if not (np.isfinite(half_life_days) and half_life_days > 0):
            raise ValueError(f"half_life_days: found {half_life_days}; expected more than 0")
        # Counted from the newest row, so that a very old window does not underflow to nothing.
        youngest = age.min() if age.size else 0.0
        return np.asarray(np.exp2(-(age - youngest) / half_life_days), dtype=np.float64)
    raise ValueError(f"scheme: found {scheme!r}; expected one of {', '.join(get_args(Scheme))}")


def effective_sample_size(weights: npt.ArrayLike) -> float:
    """Number of equally weighted rows that carry as much information, (sum w)^2 / sum w^2.

    `weights` has shape (n_rows,). 0.0 without rows or when all weights are 0. Raises ValueError
    when a weight is negative or not finite. Source: Kish 1965, Survey Sampling.
    """
    weight = np.asarray(weights, dtype=np.float64)
    if weight.size and not (np.isfinite(weight).all() and weight.min() >= 0):
        raise ValueError("weights: found a negative or non-finite weight; expected 0 or more")
    largest = weight.max() if weight.size else 0.0
    if largest == 0:
        return 0.0
    scaled = weight / largest
    return float(scaled.sum() ** 2 / (scaled**2).sum())
