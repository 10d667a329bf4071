"""What a row is expected to be off by, learned from labelled rows: direct loss estimation.

A LightGBM regression of the loss on features and prediction (the DLE of NannyML's documentation).
Each reference row is predicted by trees that have not seen its days; the mean of what these leave
is added, so that the estimate is unbiased where rows are like those of the reference.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from jobs.attribution.decompose import DAYS_TO_FOLD
from jobs.attribution.folds import FOLDS, FloatArray, FoldModels, IntArray, Trees, folds_of
from jobs.training.dataset import Encoder, FeatureMatrix, day_ordinals, text_array

METRICS = ("mae", "rmse")
Z = 1.959963984540054


@dataclass(frozen=True)
class Estimate:
    """A metric as it is expected, in its unit."""

    value: float
    standard_error: float

    @property
    def bounds(self) -> tuple[float, float]:
        """95 % bounds of what labels will show, symmetric on the logarithm like those of losses."""
        if self.value <= 0:
            return 0.0, Z * self.standard_error
        ratio = np.exp(min(Z * self.standard_error / self.value, 500))
        return float(self.value / ratio), float(self.value * ratio)


@dataclass(frozen=True)
class LossModel:
    """Expected losses of one kind, and how losses scatter around them."""

    boosters: tuple[Any, ...]
    reference_means: FloatArray
    """Mean prediction of each booster on the reference, shape (FOLDS,)."""
    correction: float
    """Mean of what unseen reference rows lost above their expectation."""
    correction_variance: float
    scatter: float
    """Variance of a row's loss over the square of its expectation."""
    day_excess: float
    """Covariance of the losses of two rows of a day over the product of their expectations."""
    effective_rows: float
    """How many rows the loss of the reference is spread over, (sum)^2 / sum of squares."""

    @classmethod
    def fit(
        cls,
        features: FeatureMatrix,
        loss: FloatArray,
        day: IntArray,
        ids: npt.NDArray[np.str_],
        categorical: tuple[int, ...],
        trees: Trees,
    ) -> "LossModel":
        """Learn from reference rows; the same rows and seed give the same model."""
        places = np.unique(day, return_inverse=True)[1]
        has_days = places.max() + 1 >= DAYS_TO_FOLD
        fold = folds_of(day, ids, by_day=has_days)
        models = FoldModels.fit(features, loss, fold, categorical, "regression", trees)
        unseen = models.unseen(features, fold)
        correction = float((loss - unseen).mean())
        expected = np.maximum(unseen + correction, 0.0)
        surprise = loss - unseen - correction
        by_group = np.bincount(places, surprise) if has_days else surprise
        return cls(
            boosters=models.boosters,
            reference_means=_predicted(models.boosters, features).mean(axis=0),
            correction=correction,
            correction_variance=float(
                np.square(by_group).sum() * len(by_group) / max(len(by_group) - 1, 1)
                / len(loss) ** 2
            ),
            scatter=_ratio(np.square(surprise).sum(), np.square(expected).sum()),
            day_excess=max(_ratio(_pairs(surprise, places), _pairs(expected, places)), 0.0),
            effective_rows=_ratio(loss.sum() ** 2, np.square(loss).sum()) or float(len(loss)),
        )  # fmt: skip

    def predict(self, features: FeatureMatrix) -> FloatArray:
        """What each booster expects of rows that none has seen, shape (n_rows, FOLDS)."""
        return _predicted(self.boosters, features)

    def mean(self, predicted: FloatArray, day: IntArray, row_count: int) -> Estimate:
        """The mean loss of `row_count` rows of which those of `predicted` and `day` are a sample.

        Its error has four parts: losses are drawn around what is expected of them, rows of a day
        together; other rows might have been sampled; the reference is a sample; and boosters that
        have seen other parts of it part where rows are unlike it (jackknife, Efron and Stein 1981).
        """
        count = len(predicted)
        expected = predicted.mean(axis=1) + self.correction
        positive = np.maximum(expected, 0.0)
        places = np.unique(day, return_inverse=True)[1]
        moved = predicted.mean(axis=0) - self.reference_means
        variance = (
            self.scatter * np.square(positive).mean() / row_count
            + self.day_excess * _pairs(positive, places, row_count / count) / count**2
            + expected.var(ddof=min(count - 1, 1)) / count * max(1 - count / row_count, 0.0)
            + self.correction_variance
            + np.square(moved - moved.mean()).sum() * (FOLDS - 1) / FOLDS
        )
        return Estimate(max(float(expected.mean()), 0.0), float(np.sqrt(variance)))


@dataclass(frozen=True)
class ErrorModel:
    """Expected absolute and squared errors of a version's predictions."""

    encoder: Encoder
    scale: float
    """Errors are learned in this unit, their root mean square on the reference."""
    losses: dict[str, LossModel]
    reference: dict[str, float]
    """The metrics of the reference itself."""

    @classmethod
    def fit(
        cls,
        rows: pl.DataFrame,
        numeric: tuple[str, ...],
        categorical: tuple[str, ...],
        trees: Trees,
    ) -> "ErrorModel":
        """Learn from labelled rows with `score`, `label`, the features, their day and their id."""
        encoder = Encoder.fit(rows, numeric, categorical)
        error = (
            rows["score"].cast(pl.Float64).to_numpy() - rows["label"].cast(pl.Float64).to_numpy()
        )
        square = float(np.square(error).mean())
        scale = float(np.sqrt(square)) or 1.0
        size = np.abs(error) / scale
        losses = {
            metric: LossModel.fit(
                _features(encoder, rows),
                loss,
                day_ordinals(rows["metric_date"]),
                text_array(rows["inference_id"]),
                tuple(encoder.categorical_positions),
                trees,
            )
            for metric, loss in zip(METRICS, (size, np.square(size)), strict=True)
        }
        reference = {"mae": float(np.abs(error).mean()), "rmse": float(np.sqrt(square))}
        return cls(encoder, scale, losses, reference)

    def predict(self, rows: pl.DataFrame) -> dict[str, FloatArray]:
        """What the boosters expect of each row, by metric; see LossModel.predict."""
        features = _features(self.encoder, rows)
        return {metric: model.predict(features) for metric, model in self.losses.items()}

    def estimate(
        self, metric: str, predicted: FloatArray, day: IntArray, row_count: int
    ) -> Estimate:
        """A metric of rows without labels; see LossModel.mean."""
        mean = self.losses[metric].mean(predicted, day, row_count)
        if metric == "mae":
            return Estimate(self.scale * mean.value, self.scale * mean.standard_error)
        root = np.sqrt(mean.value)
        error = mean.standard_error / (2 * root) if root > 0 else np.sqrt(mean.standard_error)
        return Estimate(float(self.scale * root), float(self.scale * error))


def _features(encoder: Encoder, rows: pl.DataFrame) -> FeatureMatrix:
    """The features of the model and its prediction, which is the last column."""
    score = rows["score"].cast(pl.Float32).to_numpy()
    return np.column_stack([encoder.transform(rows), score])


def _predicted(boosters: tuple[Any, ...], features: FeatureMatrix) -> FloatArray:
    found = [one.predict(features, raw_score=True, num_threads=1) for one in boosters]
    return np.asarray(found, dtype=np.float64).T


def _pairs(values: FloatArray, places: IntArray, rows_a_value: float = 1.0) -> float:
    """Sum of the products of all pairs of values in one place.

    Of a sample, which has fewer pairs than its square, as many as all rows have for theirs.
    """
    pairs = np.square(np.bincount(places, values)) - np.bincount(places, np.square(values))
    sampled = np.bincount(places)
    has_pairs = sampled > 1
    part = 1 - 1 / (sampled[has_pairs] * rows_a_value)
    return float((pairs[has_pairs] * part / (1 - 1 / sampled[has_pairs])).sum())


def _ratio(numerator: float, denominator: float) -> float:
    return float(numerator / denominator) if denominator > 0 else 0.0
