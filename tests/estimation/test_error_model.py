"""The parts of the error of an estimate, worked out by hand on four rows of two days."""

import numpy as np
import pytest

from jobs.estimation.error_model import Estimate, LossModel

DAY = np.array([1, 1, 1, 2])
EXPECTED = np.array([1.0, 2.0, 3.0, 6.0])
NOTHING = {"scatter": 0.0, "day_excess": 0.0, "correction_variance": 0.0}


def error(rows: int = 4, shift: tuple[float, ...] = (0, 0, 0, 0), **parts: float) -> float:
    """Standard error of the mean of EXPECTED, 3, with these parts and no others."""
    model = LossModel(
        boosters=(), reference_means=np.zeros(4), correction=0.5, effective_rows=100.0,
        **{**NOTHING, **parts},
    )  # fmt: skip
    predicted = EXPECTED[:, None] - 0.5 + np.array(shift)
    found = model.mean(predicted, DAY, rows)
    assert found.value == pytest.approx(3 + np.mean(shift))
    return found.standard_error


def test_losses_scatter_with_the_square_of_what_is_expected() -> None:
    assert error() == 0
    assert error(scatter=0.5) == pytest.approx(np.sqrt(0.5 * 50) / 4)


def test_rows_of_a_day_go_together() -> None:
    pairs = 2 * (1 * 2 + 1 * 3 + 2 * 3)
    assert error(day_excess=0.1) == pytest.approx(np.sqrt(0.1 * pairs) / 4)


def test_a_sample_has_fewer_pairs_than_its_rows_have() -> None:
    """Each row stands for two: a third of the pairs of three rows with themselves is missing, of
    six a sixth. The single row of the other day shows no pair."""
    pairs = 2 * (1 * 2 + 1 * 3 + 2 * 3)
    of_sampling = EXPECTED.var(ddof=1) / 4 * (1 - 4 / 8)
    of_days = 0.1 * pairs * (5 / 6) / (2 / 3) / 16
    assert error(rows=8, day_excess=0.1) == pytest.approx(np.sqrt(of_days + of_sampling))


def test_one_row_has_no_spread_to_show() -> None:
    model = LossModel((), np.zeros(4), 0.5, 0.0, 0.0, 0.0, 100.0)
    assert model.mean(np.ones((1, 4)), DAY[:1], 100).standard_error == 0


def test_a_sample_might_have_been_another() -> None:
    assert error(rows=16) == pytest.approx(np.sqrt(EXPECTED.var(ddof=1) / 4 * (1 - 4 / 16)))


def test_the_reference_is_a_sample_and_boosters_part() -> None:
    assert error(correction_variance=0.04) == pytest.approx(0.2)
    assert error(shift=(1, 1, 1, 1)) == 0
    assert error(shift=(1, -1, 1, -1)) == pytest.approx(np.sqrt(4 * 3 / 4))


def test_bounds_are_symmetric_on_the_logarithm() -> None:
    lower, upper = Estimate(2.0, 0.5).bounds
    assert lower * upper == pytest.approx(4)
    assert np.log(upper / 2) == pytest.approx(1.959963984540054 * 0.25)
    assert Estimate(0.0, 1.0).bounds == (0.0, pytest.approx(1.96, abs=1e-3))
