import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.evaluation.compare import Bootstrap, HoldoutRows, compare, result_rows
from jobs.evaluation.day_bootstrap import day_weights, weighted_metric
from jobs.evaluation.metrics import BINARY, compute


def holdout(rows: int = 3000, days: int = 20, seed: int = 0, gain: float = 0.0) -> HoldoutRows:
    """Rows with a day effect; the challenger's noise is smaller by `gain`."""
    generator = np.random.default_rng(seed)
    day = generator.integers(0, days, rows) + 739_000
    truth = generator.normal(size=rows) + generator.normal(size=days)[day - 739_000] - 0.5
    label = (generator.random(rows) < 1 / (1 + np.exp(-truth))).astype(float)
    noise = generator.normal(size=(2, rows))
    champion = 1 / (1 + np.exp(-(truth + noise[0])))
    challenger = 1 / (1 + np.exp(-(truth + (1 - gain) * noise[1])))
    return HoldoutRows(label, day, challenger, champion)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(sorted(BINARY)), st.integers(2, 60))
def test_weighted_metric_is_the_metric_of_the_repeated_rows(
    seed: int, name: str, rows: int
) -> None:
    """Oracle: scikit-learn on rows repeated as often as their day was drawn, ties and all."""
    generator = np.random.default_rng(seed)
    label = generator.random(rows) < 0.4
    score = np.round(generator.random(rows), 1)
    day = generator.integers(0, 4, rows)
    weights = day_weights(4, 5, seed)
    values = weighted_metric(name, label, score, day, weights, 0.45)
    for drawn, value in zip(weights, values, strict=True):
        times = drawn[day].astype(int)
        oracle = compute(name, np.repeat(label, times), np.repeat(score, times), 0.45)
        if oracle is None:
            assert np.isnan(value)
        else:
            assert value == pytest.approx(oracle, abs=1e-9)


def test_first_weighting_is_the_data_and_draws_keep_the_number_of_days() -> None:
    weights = day_weights(7, 50, seed=1)
    assert (weights[0] == 1).all()
    assert (weights.sum(axis=1) == 7).all()
    assert not (weights[1:] == 1).all()


def test_values_and_difference_are_those_of_scikit_learn() -> None:
    rows = holdout()
    assert rows.champion is not None
    for one in compare(rows, list(BINARY)):
        challenger = compute(one.metric_name, rows.label, rows.challenger)
        champion = compute(one.metric_name, rows.label, rows.champion)
        assert one.challenger_value == pytest.approx(challenger)
        assert one.champion_value == pytest.approx(champion)
        assert one.difference == pytest.approx(challenger - champion)  # type: ignore[operator]
        assert one.lower_bound < one.difference < one.upper_bound  # type: ignore[operator]
        assert one.challenger_lower < challenger < one.challenger_upper  # type: ignore[operator]


def test_a_better_challenger_shows() -> None:
    better = compare(holdout(gain=0.6), ["roc_auc"])[0]
    assert better.lower_bound is not None and better.lower_bound > 0


def test_the_difference_of_equal_models_is_covered() -> None:
    """Nominal 95 %; percentile intervals from 20 days reach about 93 %."""
    held = 0
    for seed in range(100):
        one = compare(holdout(seed=seed), ["roc_auc"], bootstrap=Bootstrap(400))[0]
        assert one.lower_bound is not None and one.upper_bound is not None
        held += one.lower_bound <= 0 <= one.upper_bound
    assert 87 <= held <= 99


def test_the_same_model_differs_by_exactly_nothing() -> None:
    rows = holdout()
    same = HoldoutRows(rows.label, rows.day, rows.challenger, rows.challenger)
    for one in compare(same, list(BINARY)):
        assert (one.difference, one.lower_bound, one.upper_bound) == (0.0, 0.0, 0.0)


def test_interval_covers_the_truth_where_days_differ() -> None:
    """Accuracy that varies by day: drawing rows, far fewer intervals would hold the mean."""
    held = 0
    for seed in range(100):
        generator = np.random.default_rng(seed)
        hit = generator.beta(8, 2, 30)
        day = np.repeat(np.arange(30), 100)
        right = generator.random(3000) < hit[day]
        label = generator.random(3000) < 0.5
        score = np.where(right, label, ~label).astype(float)
        one = compare(
            HoldoutRows(label.astype(float), day, score), ["accuracy"], bootstrap=Bootstrap(400)
        )[0]
        assert one.challenger_lower is not None and one.challenger_upper is not None
        held += one.challenger_lower <= 0.8 <= one.challenger_upper
    assert 87 <= held <= 99


def test_seed_decides_the_bounds() -> None:
    first, again, other = (
        compare(holdout(), ["brier"], bootstrap=Bootstrap(seed=seed)) for seed in (1, 1, 2)
    )
    assert first == again
    assert first != other


def test_thin_segments_and_one_class_are_null_rows() -> None:
    rows = holdout()
    place = np.arange(len(rows))
    kind = np.where(
        place < 100, "thin", np.where((place < 1500) & (rows.label == 1), "one", "rest")
    )
    with_segments = HoldoutRows(
        rows.label, rows.day, rows.challenger, rows.champion, {"kind": kind}
    )
    found = {one.segment_value: one for one in compare(with_segments, ["brier"], ["roc_auc"])[1:]}
    assert sorted(found) == ["one", "rest", "thin"]
    for name in ("one", "thin"):
        assert found[name].challenger_value is None
        assert found[name].lower_bound is None
        assert found[name].row_count == (kind == name).sum()
    rest = kind == "rest"
    assert found["rest"].challenger_value == pytest.approx(
        compute("roc_auc", rows.label[rest], rows.challenger[rest])
    )
    assert found["rest"].day_count == 20


def test_without_champion_or_rows() -> None:
    rows = holdout()
    alone = compare(HoldoutRows(rows.label, rows.day, rows.challenger), ["roc_auc"])[0]
    assert alone.champion_value is alone.difference is alone.lower_bound is None
    assert alone.challenger_lower is not None
    empty = np.empty(0)
    nothing = compare(HoldoutRows(empty, empty.astype(np.int64), empty), ["roc_auc"])[0]
    assert (nothing.row_count, nothing.challenger_value) == (0, None)


def test_rows_have_the_declared_columns() -> None:
    frame = result_rows(compare(holdout(), ["roc_auc"]), "r", "m", "v2", None)
    assert frame.columns == [
        "run_id", "monitor", "challenger_version", "champion_version", "segment_name",
        "segment_value", "metric_name", "row_count", "day_count", "challenger_value",
        "champion_value", "difference", "lower_bound", "upper_bound",
    ]  # fmt: skip
    assert frame.row(0)[4:7] == ("overall", "all", "roc_auc")


def test_thirty_thousand_rows_take_seconds() -> None:
    started = time.process_time()
    compare(holdout(30_000, 30), ["roc_auc", "average_precision", "log_loss", "f1"])
    assert time.process_time() - started < 10
