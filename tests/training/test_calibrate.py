import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

from jobs.training.calibrate import Calibration, anchored, fit_calibration


def draw(slope: float, intercept: float, rows: int = 20_000) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(5)
    raw = generator.normal(-1, 1.5, rows)
    return raw, (generator.random(rows) < expit(slope * raw + intercept)).astype(float)


def test_recovers_the_true_map() -> None:
    raw, label = draw(0.6, -0.5)
    fitted = fit_calibration(raw, label)
    assert fitted.method == "platt"
    assert (fitted.slope, fitted.intercept) == pytest.approx((0.6, -0.5), abs=0.06)
    assert fitted.apply(raw).mean() == pytest.approx(label.mean(), abs=1e-3)


def test_agrees_with_scikit_learn_on_smoothed_targets() -> None:
    raw, label = draw(0.8, 0.3, rows=500)
    weight = np.random.default_rng(1).uniform(0.5, 3, 500)
    positives = label.sum()
    high, low = (positives + 1) / (positives + 2), 1 / (500 - positives + 2)
    share = np.where(label == 1, high, low)
    oracle = LogisticRegression(C=1e12, tol=1e-10, max_iter=1000).fit(
        np.concatenate([raw, raw])[:, None],
        np.repeat([1, 0], 500),
        sample_weight=np.concatenate([share * weight, (1 - share) * weight]),
    )
    fitted = fit_calibration(raw, label, weight)
    assert fitted.slope == pytest.approx(oracle.coef_[0, 0], abs=1e-4)
    assert fitted.intercept == pytest.approx(oracle.intercept_[0], abs=1e-4)


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.tuples(st.floats(-8, 8), st.booleans()), min_size=2, max_size=60),
    st.floats(-12, 12),
    st.floats(-12, 12),
)
def test_always_monotone_and_inside_the_bounds(
    rows: list[tuple[float, bool]], one: float, other: float
) -> None:
    fitted = fit_calibration([raw for raw, _ in rows], [float(label) for _, label in rows])
    assert fitted.slope > 0
    low, high = fitted.apply(sorted([one, other]))
    assert 1e-6 <= low <= high <= 1 - 1e-6


def test_scores_against_the_truth_keep_their_order_and_match_the_rate() -> None:
    raw, label = draw(-1.0, 0.0)
    fitted = fit_calibration(raw, label)
    assert (fitted.method, fitted.slope) == ("intercept", 1.0)
    assert fitted.apply(raw).mean() == pytest.approx(label.mean(), abs=1e-3)


def test_separable_rows_stay_finite() -> None:
    fitted = fit_calibration([-2.0, -1, 1, 2], [0.0, 0, 1, 1])
    assert np.isfinite([fitted.slope, fitted.intercept]).all()
    assert 0 < fitted.slope < 10


def test_one_class_is_the_identity_and_lengths_must_agree() -> None:
    assert fit_calibration([0.1, 0.2], [1.0, 1.0]).method == "identity"
    with pytest.raises(ValueError, match="calibration"):
        fit_calibration([0.1, 0.2], [1.0])


def test_round_trip_through_json() -> None:
    fitted = fit_calibration(*draw(0.7, 0.1, rows=300))
    assert Calibration.from_json(json.loads(json.dumps(fitted.to_json()))) == fitted


def test_anchoring_keeps_the_slope_and_takes_the_rate_of_all_rows() -> None:
    rng = np.random.default_rng(11)
    raw = rng.normal(size=5_000)
    label = (rng.random(5_000) < expit(raw - 1)).astype(float)
    weight = np.where(np.arange(5_000) < 2_500, 2.0, 1.0)
    two_bad_weeks = fit_calibration(raw[:500], (rng.random(500) < expit(raw[:500] + 1)))
    calibrated = anchored(two_bad_weeks, raw, label, weight)
    assert calibrated.slope == two_bad_weeks.slope
    assert np.average(calibrated.apply(raw), weights=weight) == pytest.approx(
        np.average(label, weights=weight), abs=1e-9
    )
    assert anchored(two_bad_weeks, raw, np.ones(5_000)) == two_bad_weeks
