"""Folds and LightGBM models that predict only rows they have not seen."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import lightgbm as lgb
import numpy as np
import numpy.typing as npt

from jobs.training.dataset import FeatureMatrix

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

FOLDS = 4
PARAMETERS = {
    "learning_rate": 0.1,
    "num_leaves": 15,
    "min_data_in_leaf": 20,
    "min_data_per_group": 20,
    "cat_smooth": 10.0,
    "lambda_l2": 1.0,
    "num_threads": 1,
    "deterministic": True,
    "force_row_wise": True,
    "verbosity": -1,
}


# A value that all rows of a day share tells the days that were fitted on and no other; half of the
# features in each tree leave room for what tells other days too.
TASK_PARAMETERS = {
    "binary": {"objective": "binary", "feature_fraction": 0.5},
    "regression": {"objective": "regression", "feature_fraction": 1.0},
}


@dataclass(frozen=True)
class Trees:
    """How the trees of both models are fitted."""

    rounds: int = 100
    seed: int = 0


def folds_of(day: IntArray, ids: npt.NDArray[np.str_], by_day: bool) -> IntArray:
    """Fold of each row, 0 to FOLDS - 1, shape (n_rows,).

    By day: what the rows of a day share (weather, a campaign) is then no help in telling them, as
    it is none for a day to come. All Mondays are in one fold, so that a window's only Monday is not
    judged by trees that have seen Mondays in the reference alone; days that are all the same one or
    two weekdays are dealt out in turn. Else by the md5 of the id.
    """
    if by_day:
        by_weekday = np.asarray(day % 7 % FOLDS, dtype=np.int64)
        if len(np.unique(by_weekday)) == FOLDS:
            return by_weekday
        return np.asarray(np.unique(day, return_inverse=True)[1] % FOLDS, dtype=np.int64)
    return np.asarray(
        [int(hashlib.md5(one.encode()).hexdigest()[:8], 16) % FOLDS for one in ids.tolist()],
        dtype=np.int64,
    )


@dataclass(frozen=True)
class FoldModels:
    """One booster a fold, fitted on the rows of the other folds."""

    boosters: tuple[Any, ...]

    @classmethod
    def fit(
        cls,
        features: FeatureMatrix,
        target: FloatArray,
        fold: IntArray,
        categorical: Sequence[int],
        objective: Literal["binary", "regression"],
        trees: Trees,
        weight: FloatArray | None = None,
    ) -> "FoldModels":
        """Fit on arrays of n_rows; the same rows and seed give the same trees."""
        parameters = {**PARAMETERS, **TASK_PARAMETERS[objective], "seed": trees.seed}
        # Fewer than two cannot tell what goes together.
        pair = min(2 / features.shape[1], 1.0)
        parameters["feature_fraction"] = max(parameters["feature_fraction"], pair)
        names = [f"f{position}" for position in range(features.shape[1])]
        data = lgb.Dataset(
            features,
            label=target,
            weight=weight,
            feature_name=names,
            categorical_feature=list(categorical),
            params=parameters,
            free_raw_data=False,
        ).construct()
        boosters = []
        for held in range(FOLDS):
            others = data.subset(np.flatnonzero(fold != held))
            boosters.append(lgb.train(parameters, others, num_boost_round=trees.rounds))
        return cls(tuple(boosters))

    def unseen(self, features: FeatureMatrix, fold: IntArray) -> FloatArray:
        """Raw predictions of the rows that were fitted on, each by the booster that had not it."""
        found = np.empty(len(features), dtype=np.float64)
        for held, booster in enumerate(self.boosters):
            mask = fold == held
            if mask.any():
                found[mask] = booster.predict(features[mask], raw_score=True, num_threads=1)
        return found

    def mean(self, features: FeatureMatrix) -> FloatArray:
        """Mean raw prediction of all boosters, of rows that none was fitted on."""
        found = [one.predict(features, raw_score=True, num_threads=1) for one in self.boosters]
        return np.asarray(np.mean(found, axis=0), dtype=np.float64)

    def gain(self) -> FloatArray:
        """Gain of the splits on each feature in all boosters, shape (n_features,)."""
        found = [one.feature_importance(importance_type="gain") for one in self.boosters]
        return np.asarray(np.sum(found, axis=0), dtype=np.float64)
