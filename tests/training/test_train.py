from collections.abc import Iterator
from itertools import count

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import log_loss, roc_auc_score
from window_double import SMALL, make_window

from jobs.errors import ConfigurationError, DriftlineError
from jobs.training.dataset import Encoder, TrainingData, build_dataset
from jobs.training.train import complete_parameters, gain_importance, refit, train_candidate


def dataset(frame: pl.DataFrame) -> TrainingData:
    train = frame.filter(pl.col("split") == "train")
    return build_dataset(frame, Encoder.fit(train, ["amount", "age"], ["region"]))


DATA = dataset(make_window(days=80, per_day=40))


def test_same_rows_in_any_order_give_the_same_model_text() -> None:
    again = dataset(make_window(days=80, per_day=40).sample(fraction=1, shuffle=True, seed=9))
    first, second = (train_candidate(one, SMALL, seed=4) for one in (DATA, again))
    assert first.booster.model_to_string() == second.booster.model_to_string()
    other = train_candidate(DATA, SMALL, seed=5)
    assert first.booster.model_to_string() != other.booster.model_to_string()


def test_threads_do_not_change_the_scores() -> None:
    one, two = (train_candidate(DATA, {**SMALL, "num_threads": n}, seed=4) for n in (1, 2))
    np.testing.assert_array_equal(one.raw_scores(DATA.features), two.raw_scores(DATA.features))


def test_candidate_learns_and_stops_at_the_least_validation_loss() -> None:
    seen: list[int] = []
    candidate = train_candidate(DATA, SMALL, progress=lambda r, _: seen.append(r))
    losses = candidate.validation_losses
    assert candidate.best_iteration == int(np.argmin(losses)) + 1
    assert candidate.stopped_by == "early_stopping"
    assert len(losses) == candidate.best_iteration + SMALL["early_stopping_rounds"]
    assert seen == list(range(1, len(losses) + 1))
    judged = DATA.part("validation")
    probability = 1 / (1 + np.exp(-candidate.raw_scores(judged.features)))
    assert log_loss(judged.label, probability) == pytest.approx(min(losses), abs=1e-6)
    held = DATA.part("holdout")
    assert roc_auc_score(held.label, candidate.raw_scores(held.features)) > 0.78
    assert np.argmax(gain_importance(candidate.booster)) == 0


def test_the_holdout_is_not_looked_at() -> None:
    spoiled = TrainingData(
        np.where((DATA.split == "holdout")[:, None], np.float32(7), DATA.features),
        np.where(DATA.split == "holdout", 1 - DATA.label, DATA.label),
        DATA.weight, DATA.day, DATA.split, DATA.ids, DATA.encoder,
    )  # fmt: skip
    first, second = (train_candidate(one, SMALL) for one in (DATA, spoiled))
    assert first.booster.model_to_string() == second.booster.model_to_string()


def test_fixed_rounds_repeat_a_run_that_stopped_early() -> None:
    stopped = train_candidate(DATA, SMALL, seed=2)
    repeated = train_candidate(DATA, SMALL, seed=2, rounds=stopped.best_iteration)
    np.testing.assert_array_equal(
        stopped.raw_scores(DATA.features), repeated.raw_scores(DATA.features)
    )


def test_time_limit_uses_the_best_round_so_far() -> None:
    ticks: Iterator[int] = count()
    candidate = train_candidate(DATA, SMALL, time_limit_seconds=5, clock=lambda: float(next(ticks)))
    assert candidate.stopped_by == "time_limit"
    assert len(candidate.validation_losses) == 5
    assert 1 <= candidate.best_iteration <= 5


def test_divergence_is_an_error() -> None:
    with pytest.raises(DriftlineError, match="diverged"):
        train_candidate(DATA, {**SMALL, "learning_rate": 40.0, "early_stopping_rounds": 80})


def test_refit_uses_all_rows_their_weights_and_the_given_rounds() -> None:
    booster = refit(DATA, SMALL, best_iteration=7)
    assert booster.num_trees() == 7
    heavier = TrainingData(
        DATA.features, DATA.label, DATA.weight * np.where(DATA.split == "holdout", 2, 1),
        DATA.day, DATA.split, DATA.ids, DATA.encoder,
    )  # fmt: skip
    assert refit(heavier, SMALL, 7).model_to_string() != booster.model_to_string()
    root = booster.dump_model()["tree_info"][0]["tree_structure"]
    assert root["internal_count"] == len(DATA)


@pytest.mark.parametrize(
    "parameters",
    [{"objective": "regression"}, {"n_estimators": 5}, {"scale_pos_weight": 3}, {"max_rounds": 0}],
)
def test_parameters_that_the_job_sets_are_refused(parameters: dict[str, object]) -> None:
    with pytest.raises(ConfigurationError, match=next(iter(parameters))):
        complete_parameters(parameters)


def test_recorded_parameters_can_be_passed_on() -> None:
    complete = complete_parameters({"num_leaves": 9})
    assert complete_parameters(complete) == complete
    assert complete["num_leaves"] == 9
    with pytest.raises(ConfigurationError, match="task"):
        complete_parameters({}, task="ranking")
