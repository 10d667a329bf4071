"""Contributions and their shares, against Shapley's definition, scikit-learn, scipy and by hand."""

import lightgbm as lgb
import numpy as np
import polars as pl
import pytest
from scipy.stats import t as student
from scipy.stats import ttest_ind
from sklearn.metrics import ndcg_score

from jobs.drift.run import contributions
from jobs.drift.shares import Contributions, FloatArray, compare, ndcg, ranks
from jobs.training.artifact import ServingModel
from jobs.training.calibrate import Calibration
from jobs.training.dataset import Encoder
from tests.drift.shapley import shapley
from tests.training.window_double import FIRST


def sided(values: FloatArray, days: int) -> Contributions:
    return Contributions(values, np.arange(len(values)) * days // len(values))


def drawn(seed: int, days: int, rows_a_day: int, scales: list[float]) -> Contributions:
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(days * rows_a_day, len(scales))) * scales
    return sided(values + 0.3 * rng.normal(size=(days, 1)).repeat(rows_a_day, axis=0), days)


def test_contributions_are_shapley_values_of_the_served_log_odds() -> None:
    """Two numbers, one with missing values, and a category that training had not seen."""
    rng = np.random.default_rng(1)
    amount, age, kind = rng.normal(size=600), rng.normal(size=600), rng.integers(0, 4, 600)
    odds = 2 * amount - 1 + np.array([-1, 0, 1, 2])[kind] * (age > 0)
    label = (rng.random(600) < 1 / (1 + np.exp(-odds))).astype(int)
    age[::7] = np.nan
    rows = pl.DataFrame(
        {
            "metric_date": [FIRST] * 600,
            "numeric_values": np.column_stack([amount, age]).tolist(),
            "categorical_values": [[f"k{one}"] for one in kind],
        }
    )
    encoder = Encoder.fit(rows, ["amount", "age"], ["kind"])
    parameters = {"objective": "binary", "num_leaves": 6, "min_data_in_leaf": 20, "verbosity": -1}
    data = lgb.Dataset(encoder.transform(rows), label=label, categorical_feature=[2])
    booster = lgb.train(parameters, data, num_boost_round=6)
    assert (booster.feature_importance() > 0).all()
    model = ServingModel(booster, encoder, Calibration("platt", 1.7, -0.2, 600))

    unseen = rows.head(1).with_columns(categorical_values=pl.lit(["new"]))
    asked = pl.concat([unseen, rows.head(40)])
    found = contributions(model, asked).values
    assert booster.dump_model()["tree_info"][0]["tree_structure"]["internal_count"] == 600
    features = encoder.transform(asked)
    expected = np.array([shapley(booster.dump_model(), row.astype(float)) for row in features])
    np.testing.assert_allclose(found, 1.7 * expected[:, :-1], atol=1e-9)
    probability = model.predict(asked)
    log_odds = np.log(probability / (1 - probability))
    np.testing.assert_allclose(found.sum(axis=1) + 1.7 * expected[:, -1] - 0.2, log_odds, atol=1e-9)


def test_shares_by_hand() -> None:
    """Mean sizes 3 and 1, then 2 and 2: a quarter of the deciding moves, and the mean score."""
    reference = sided(np.array([[2.0, 1.0], [-4.0, 1.0]] * 4), 4)
    current = sided(np.array([[2.0, -2.0], [2.0, 2.0]] * 4), 4)
    found = compare(current, reference)
    assert found.reference_share.tolist() == [0.75, 0.25]
    assert found.change.tolist() == [-0.25, 0.25] and found.moved == 0.25
    assert found.score_effect.tolist() == [2.0 + 1.0, 0.0 - 1.0]
    assert ranks(found.current_size).tolist() == [1, 1]


def test_a_change_is_judged_as_by_a_welch_test_of_days() -> None:
    current, reference = drawn(1, 7, 40, [1, 2, 0.5]), drawn(2, 20, 40, [1.2, 2, 0.5])
    found = compare(current, reference)
    daily = []
    for side in (current, reference):
        size = np.abs(side.values)
        share = size.mean(axis=0) / size.mean(axis=0).sum()
        pull = (size - share * size.sum(axis=1, keepdims=True)) / size.sum(axis=1).mean()
        daily.append(share + pull.reshape(side.days, 40, 3).mean(axis=1))
    welch = ttest_ind(*daily, equal_var=False)
    np.testing.assert_allclose(found.p_value, welch.pvalue, rtol=1e-9)
    bounds = welch.confidence_interval()
    np.testing.assert_allclose(found.lower, bounds.low, rtol=1e-9)
    np.testing.assert_allclose(found.upper, bounds.high, rtol=1e-9)


def test_the_error_of_independent_rows_is_that_of_a_bootstrap() -> None:
    rng = np.random.default_rng(3)
    sides = [np.abs(rng.normal(size=(300, 3)) * [1, 2, 0.5]) for _ in range(2)]
    found = compare(sided(sides[0], 10), sided(sides[1], 10))

    def share(side: FloatArray) -> FloatArray:
        mean = side[rng.integers(0, 300, 300)].mean(axis=0)
        return np.asarray(mean / mean.sum())

    spread = np.std([share(sides[0]) - share(sides[1]) for _ in range(2_000)], axis=0)
    np.testing.assert_allclose(found.row_error, spread, rtol=0.08)


def test_false_discoveries_are_controlled_over_the_features_in_use() -> None:
    scales = [1.0, 1.0, 2.0, 1.0, 0.5]
    values = [drawn(seed, 10, 50, scales).values for seed in (4, 5)]
    values[0][:, 2] *= 1.5
    for side in values:
        side[:, 4] = 0.0
    found = compare(*(sided(one, 10) for one in values))
    assert np.isnan(found.p_value[4]) and np.isnan(found.q_value[4])
    p_value = found.p_value[:4]
    for at, one in enumerate(p_value):
        worse = p_value[p_value >= one]
        expected = min(4 * other / (p_value <= other).sum() for other in worse)
        assert found.q_value[at] == pytest.approx(min(expected, 1))
    assert found.least_q == pytest.approx(np.nanmin(found.q_value))


def test_ndcg_is_that_of_scikit_learn_and_of_a_reversed_ranking() -> None:
    rng = np.random.default_rng(6)
    for _ in range(5):
        current, reference = rng.random(8), rng.random(8)
        assert ndcg(current, reference) == pytest.approx(ndcg_score([reference], [current]))
    sat, gpa, place = 0.70, 0.50, 0.05  # the example of Amazon's documentation
    gained = place + gpa / np.log2(3) + sat / 2
    best = sat + gpa / np.log2(3) + place / 2
    found = ndcg(np.array([0.10, 0.20, 0.70]), np.array([sat, gpa, place]))
    assert found == pytest.approx(gained / best) and found < 0.9
    assert ndcg(np.zeros(2), np.zeros(2)) is None


def test_a_window_of_one_day_takes_the_days_of_the_reference() -> None:
    reference = drawn(7, 20, 30, [1, 1])
    found = compare(drawn(8, 1, 30, [1, 1]), reference)
    both = compare(drawn(8, 20, 30, [1, 1]), reference)
    assert (found.error > both.error).all()
    of_nineteen = 2 * student.sf(np.abs(found.change) / found.error, 19)
    np.testing.assert_allclose(found.p_value, of_nineteen, rtol=1e-9)
    nothing = compare(drawn(8, 1, 30, [1, 1]), drawn(7, 2, 30, [1, 1]))
    assert np.isnan(nothing.p_value).all() and np.isnan(nothing.least_q)


def test_a_model_that_uses_nothing_has_no_shares() -> None:
    found = compare(sided(np.zeros((40, 2)), 5), sided(np.zeros((40, 2)), 5))
    assert found.moved == 0 and found.ndcg is None and found.rank_correlation is None
    assert np.isnan(found.q_value).all()
    with pytest.raises(ValueError, match="found 0 current"):
        compare(sided(np.zeros((0, 2)), 1), sided(np.zeros((4, 2)), 2))
