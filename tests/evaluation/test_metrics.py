import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as sk

from jobs.config.model import TASK_METRICS as CONFIGURED
from jobs.evaluation.metrics import (
    TASK_METRICS,
    category_rates,
    compute,
    debiased_ece,
    single_feature_auc,
)

LABEL = [0, 1, 1, 0, 1, 0]
SCORE = [0.1, 0.8, 0.4, 0.4, 0.6, 0.7]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("accuracy", 4 / 6), ("precision", 2 / 3), ("recall", 2 / 3), ("f1", 2 / 3),
        ("roc_auc", 6.5 / 9), ("gini", 4 / 9), ("brier", 1.22 / 6),
        ("average_precision", sk.average_precision_score(LABEL, SCORE)),
        ("log_loss", sk.log_loss(LABEL, SCORE)),
    ],
)  # fmt: skip
def test_by_hand_or_against_scikit_learn(name: str, expected: float) -> None:
    assert compute(name, LABEL, SCORE) == pytest.approx(expected)


def test_a_score_at_the_threshold_is_positive() -> None:
    assert compute("recall", [1], [0.5], threshold=0.5) == 1.0
    assert compute("recall", [1], [0.4999], threshold=0.5) == 0.0


@pytest.mark.parametrize(
    ("name", "label", "score"),
    [
        ("roc_auc", [1, 1], [0.2, 0.9]), ("gini", [0, 0], [0.2, 0.9]), ("recall", [0], [0.9]),
        ("average_precision", [0, 0], [0.2, 0.9]), ("precision", [1, 0], [0.1, 0.2]),
        ("f1", [0, 0], [0.1, 0.2]), *[(name, [], []) for name in TASK_METRICS["binary"]],
    ],
)  # fmt: skip
def test_undefined_is_none(name: str, label: list[int], score: list[float]) -> None:
    assert compute(name, label, score) is None


def test_losses_are_defined_with_one_class_and_at_the_ends() -> None:
    assert compute("log_loss", [1, 1], [1.0, 1.0]) == pytest.approx(1e-6, rel=0.01)
    assert compute("log_loss", [1], [0.0]) == pytest.approx(-np.log(1e-6))
    assert compute("brier", [0], [0.5]) == 0.25


def test_the_metrics_are_those_the_configuration_allows() -> None:
    """Of the tasks that are retrained."""
    for task, table in TASK_METRICS.items():
        assert tuple(table) == CONFIGURED[task]
    lower = [name for name, one in TASK_METRICS["binary"].items() if one.direction == "lower"]
    assert lower == ["log_loss", "brier"]


@given(st.integers(0, 10_000))
def test_debiased_ece_of_a_perfect_model_is_near_zero(seed: int) -> None:
    generator = np.random.default_rng(seed)
    score = generator.beta(2, 5, 3000)
    label = generator.random(3000) < score
    value = debiased_ece(label, score)
    assert value is not None
    assert 0 <= value < 0.03


def test_debiased_ece_finds_a_shift_and_needs_rows() -> None:
    generator = np.random.default_rng(0)
    score = generator.uniform(0.2, 0.6, 20_000)
    assert debiased_ece(generator.random(20_000) < score + 0.1, score) == pytest.approx(
        0.1, abs=0.015
    )
    assert debiased_ece([0, 1], [0.1, 0.9]) is None
    assert debiased_ece(np.arange(1000) % 2, np.full(1000, 0.5)) == 0.0


def test_a_leaking_feature_stands_out_also_by_its_gaps_and_among_categories() -> None:
    generator = np.random.default_rng(0)
    label = (np.arange(4000) % 3 == 0).astype(float)
    many = generator.integers(0, 1000, 4000).astype(np.float32)
    features = np.column_stack(
        [np.where(label == 1, np.nan, 5.0), -label, generator.normal(size=4000), label, many]
    ).astype(np.float32)
    day = np.arange(4000) // 100
    names = ["gaps", "opposite", "noise", "category", "many"]
    found = single_feature_auc(features, label, day, names, [3, 4])
    assert {name for name, auc in found.items() if auc > 0.99} == {"gaps", "opposite", "category"}
    assert found["many"] < 0.6


def test_category_rates_by_hand() -> None:
    rates = category_rates(
        np.array([0, 0, 1, np.nan]), np.array([1.0, 0, 1, 0]), np.array([0, 1, 2, np.nan])
    )
    assert rates.tolist() == [0.5, 1.0, 0.5, 0.0]
