"""Fitting LightGBM: a candidate that is judged, then the refit that serves."""

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import lightgbm as lgb
import numpy as np
import numpy.typing as npt
from lightgbm.callback import EarlyStopException
from scipy.stats import entropy

from jobs.errors import ConfigurationError, DriftlineError
from jobs.training.dataset import Encoder, FeatureMatrix, TrainingData

FloatArray = npt.NDArray[np.float64]
Parameters = dict[str, Any]
Progress = Callable[[int, float], None]
StoppedBy = Literal["early_stopping", "rounds", "time_limit"]

# What differs between tasks; a task that is built later adds its row.
TASK_PARAMETERS: Mapping[str, Mapping[str, Any]] = {
    "binary": {"objective": "binary", "metric": "binary_logloss"},
}
DEFAULT_PARAMETERS: Mapping[str, Any] = {
    "learning_rate": 0.05,
    "num_leaves": 31,
    "min_data_in_leaf": 100,
    "feature_fraction": 0.9,
    "lambda_l2": 1.0,
    "num_threads": 0,
    "max_rounds": 2000,
    "early_stopping_rounds": 100,
}
FIXED_PARAMETERS: Mapping[str, Any] = {
    "deterministic": True,
    "force_row_wise": True,
    "verbosity": -1,
}
# Ours, not LightGBM's: the number of rounds is chosen here.
ROUND_PARAMETERS = ("max_rounds", "early_stopping_rounds")
# Names (and LightGBM's other names for them) that would take the choice away from this module.
RESERVED = {
    "seed", "random_seed", "random_state", "num_iterations", "num_iteration", "n_iter", "num_tree",
    "num_trees", "num_round", "num_rounds", "nrounds", "num_boost_round", "n_estimators",
    "max_iter", "early_stopping_round", "early_stopping", "n_iter_no_change", "application", "app",
    "loss", "metrics", "metric_types", "input_model", "model_input", "model_in",
    "categorical_feature", "is_unbalance", "unbalance", "unbalanced_sets", "scale_pos_weight",
}  # fmt: skip
DIVERGENCE_FACTOR = 2.0
DIVERGENCE_ROUNDS = 10


@dataclass(frozen=True)
class Candidate:
    """A model fitted on the training split alone; `booster` has more trees than are used."""

    booster: Any
    encoder: Encoder
    parameters: Parameters
    seed: int
    best_iteration: int
    validation_losses: tuple[float, ...]
    stopped_by: StoppedBy
    seconds: float

    def raw_scores(self, features: FeatureMatrix) -> FloatArray:
        """Log odds of shape (n_rows,) from the first `best_iteration` trees."""
        return predict_raw(self.booster, features, self.best_iteration)


class _Watch:
    """Callback that keeps validation losses and stops training; it knows no clock but its own."""

    order = 30
    before_iteration = False

    def __init__(
        self,
        patience: int,
        constant_loss: float,
        deadline: float,
        clock: Callable[[], float],
        progress: Progress | None,
    ) -> None:
        self.patience = patience
        self.constant_loss = constant_loss
        self.deadline = deadline
        self.clock = clock
        self.progress = progress
        self.losses: list[float] = []
        self.stopped_by: StoppedBy = "rounds"

    def best(self) -> int:
        """Rounds with the least validation loss, the first of equals, counted from 1."""
        return int(np.argmin(self.losses)) + 1

    def __call__(self, env: Any) -> None:
        loss = float(env.evaluation_result_list[0][2])
        self.losses.append(loss)
        least = min(self.losses)
        # A validation loss that rises is what early stopping is for; one that never comes near that
        # of a constant is a training that blew up.
        has_tried = len(self.losses) >= DIVERGENCE_ROUNDS
        if not math.isfinite(loss) or (
            has_tried and least > DIVERGENCE_FACTOR * self.constant_loss
        ):
            raise DriftlineError(
                f"training diverged: found validation loss {loss:g} after {len(self.losses)} "
                f"rounds, least {least:g}; expected at most {DIVERGENCE_FACTOR:g} times the "
                f"{self.constant_loss:g} of a constant; lower learning_rate "
                f"(now {env.params.get('learning_rate')}) or raise min_data_in_leaf"
            )
        if self.progress is not None:
            self.progress(len(self.losses), loss)
        if len(self.losses) - self.best() >= self.patience:
            self.stopped_by = "early_stopping"
        elif self.clock() >= self.deadline:
            self.stopped_by = "time_limit"
        else:
            return
        raise EarlyStopException(self.best() - 1, env.evaluation_result_list)


def complete_parameters(
    overrides: Mapping[str, Any] | None = None, task: str = "binary"
) -> Parameters:
    """Defaults with the given ones laid over: all that decides the model but data and seed.

    The hyperparameters of the live version, as recorded, may be passed. Raises ConfigurationError
    for a task that is not built or a parameter that this module sets itself.
    """
    if task not in TASK_PARAMETERS:
        raise ConfigurationError(
            f"task: found {task!r}; expected one of {', '.join(TASK_PARAMETERS)}"
        )
    given = dict(overrides or {})
    fixed = {**FIXED_PARAMETERS, **TASK_PARAMETERS[task]}
    for name, value in given.items():
        if name in RESERVED or (name in fixed and fixed[name] != value):
            raise ConfigurationError(
                f"training parameter {name}: found {value!r}; it is set by the job "
                f"({fixed.get(name, 'from seed, rounds or data')}); leave it out"
            )
    complete = {**DEFAULT_PARAMETERS, **given, **fixed}
    for name in ROUND_PARAMETERS:
        if not isinstance(complete[name], int) or complete[name] < 1:
            raise ConfigurationError(
                f"training parameter {name}: found {complete[name]!r}; expected a whole number "
                "of at least 1"
            )
    return complete


def train_candidate(
    data: TrainingData,
    parameters: Mapping[str, Any] | None = None,
    seed: int = 0,
    time_limit_seconds: float | None = None,
    progress: Progress | None = None,
    rounds: int | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Candidate:
    """Fit on the `train` split, with early stopping on the later `validation` split.

    The best number of rounds is the one of least weighted log loss on the validation split; the
    holdout is not looked at. `progress(round, loss)` is called after every round. When the time
    limit (seconds) is reached the best round so far is used and `stopped_by` says so. `rounds`
    fixes their number instead, to repeat a run whose result is known. The same rows, parameters and
    seed give the same trees. Raises DriftlineError when the validation loss is not finite or stays
    above twice that of a constant, ConfigurationError for parameters that are not allowed.
    """
    complete = complete_parameters(parameters)
    started = clock()
    fitted, judged = data.part("train"), data.part("validation")
    watch = _Watch(
        patience=complete["early_stopping_rounds"] if rounds is None else 2**31,
        constant_loss=_constant_loss(judged),
        deadline=math.inf
        if time_limit_seconds is None or rounds is not None
        else started + time_limit_seconds,
        clock=clock,
        progress=progress,
    )
    train_set = _dataset(fitted, complete, seed)
    booster = lgb.train(
        _library_parameters(complete, seed),
        train_set,
        num_boost_round=complete["max_rounds"] if rounds is None else rounds,
        valid_sets=[_dataset(judged, complete, seed, reference=train_set)],
        valid_names=["validation"],
        callbacks=[watch],
    )
    return Candidate(
        booster=booster,
        encoder=data.encoder,
        parameters=complete,
        seed=seed,
        best_iteration=watch.best() if rounds is None else rounds,
        validation_losses=tuple(watch.losses),
        stopped_by=watch.stopped_by,
        seconds=clock() - started,
    )


def _constant_loss(data: TrainingData) -> float:
    """Weighted log loss of the rows' own rate, in nats; that of a fair coin for one class alone."""
    rate = float(np.average(data.label, weights=data.weight)) if len(data) else 0.5
    return float(entropy([rate, 1 - rate])) or math.log(2)


def refit(
    data: TrainingData, parameters: Mapping[str, Any] | None, best_iteration: int, seed: int = 0
) -> Any:
    """Fit the booster that serves, on all rows of `data` with the number of rounds fixed.

    `data` holds train, validation and holdout rows, encoded on all of them and weighted from the
    new end of training. Nothing is left to judge this model by: its judgement is the candidate's.
    """
    complete = complete_parameters(parameters)
    return lgb.train(
        _library_parameters(complete, seed),
        _dataset(data, complete, seed),
        num_boost_round=best_iteration,
    )


def predict_raw(booster: Any, features: FeatureMatrix, rounds: int | None = None) -> FloatArray:
    """Log odds, shape (n_rows,), from all trees or the first `rounds`."""
    if features.shape[0] == 0:
        return np.empty(0, dtype=np.float64)
    raw = booster.predict(features, raw_score=True, num_iteration=rounds or -1)
    return np.asarray(raw, dtype=np.float64)


def gain_importance(booster: Any) -> FloatArray:
    """Total gain of the splits on each feature, shape (n_features,), 0 where it is not used."""
    return np.asarray(booster.feature_importance(importance_type="gain"), dtype=np.float64)


def _library_parameters(complete: Mapping[str, Any], seed: int) -> Parameters:
    library = {name: value for name, value in complete.items() if name not in ROUND_PARAMETERS}
    return {**library, "seed": seed}


def _dataset(
    data: TrainingData, complete: Mapping[str, Any], seed: int, reference: Any = None
) -> Any:
    """LightGBM's data; features get plain names, since it refuses some characters in names."""
    names = [f"f{position}" for position in range(data.features.shape[1])]
    return lgb.Dataset(
        data.features,
        label=data.label,
        weight=data.weight,
        feature_name=names,
        categorical_feature=data.encoder.categorical_positions,
        reference=reference,
        params=_library_parameters(complete, seed),
        free_raw_data=True,
    )
