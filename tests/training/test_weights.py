import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.training.weights import Weighting, effective_sample_size, recency_weights

AGES = st.lists(st.integers(0, 3000), min_size=1, max_size=50)


def test_step_doubles_the_recent_days_and_has_mean_one() -> None:
    weights = recency_weights([0, 90, 91, 400], recent_days=91, factor=2.0)
    assert weights == pytest.approx(np.array([2, 2, 1, 1]) / 1.5)


def test_exponential_halves_every_half_life() -> None:
    weights = recency_weights([0, 30, 60], scheme="exponential", half_life_days=30)
    assert weights[0] / weights[1] == pytest.approx(2)
    assert weights[1] / weights[2] == pytest.approx(2)


def test_none_gives_one() -> None:
    assert recency_weights([5, 700], scheme="none").tolist() == [1.0, 1.0]
    assert recency_weights([]).size == 0


@given(AGES, st.sampled_from(["step", "exponential", "none"]))
def test_mean_is_one_and_weights_never_rise_with_age(ages: list[int], scheme: str) -> None:
    weights = Weighting(scheme=scheme, half_life_days=20).weights(ages)  # type: ignore[arg-type]
    assert weights.mean() == pytest.approx(1.0)
    assert (np.diff(weights[np.argsort(ages, kind="stable")]) <= 1e-12).all()


@pytest.mark.parametrize("ages", [[-1], [float("nan")], [float("inf")], [[1.0]]])
def test_bad_ages_are_refused(ages: list[float]) -> None:
    with pytest.raises(ValueError, match="age_days"):
        recency_weights(ages)


@pytest.mark.parametrize(
    ("arguments", "key"),
    [
        ({"scheme": "cubic"}, "scheme"),
        ({"factor": 0.5}, "factor"),
        ({"recent_days": -1}, "recent_days"),
        ({"scheme": "exponential", "half_life_days": 0}, "half_life_days"),
    ],
)
def test_bad_parameters_name_their_key(arguments: dict[str, object], key: str) -> None:
    with pytest.raises(ValueError, match=key):
        recency_weights([1], **arguments)  # type: ignore[arg-type]


def test_effective_sample_size_by_hand() -> None:
    assert effective_sample_size([1, 1, 1, 1]) == pytest.approx(4)
    assert effective_sample_size([2, 1, 1]) == pytest.approx(16 / 6)
    assert effective_sample_size([]) == 0.0
    assert effective_sample_size([1e-200, 1e-200]) == pytest.approx(2)


@given(
    st.lists(st.just(0.0) | st.floats(1e-6, 1e6), min_size=1, max_size=30),
    st.floats(0.01, 100),
)
def test_effective_sample_size_ignores_scale_and_is_at_most_the_count(
    weights: list[float], scale: float
) -> None:
    size = effective_sample_size(weights)
    assert size <= len(weights) + 1e-9
    assert effective_sample_size(np.array(weights) * scale) == pytest.approx(size)
