"""Drift without labels is said of few windows that have none, and of most that have some."""

import pytest

from jobs.attribution.folds import Trees
from tests.simulation.drift import Case, found, outside_stated


def test_shares_of_contributions() -> None:
    cases = [Case(40, effect, 200) for effect in (0.0, 0.3)] + [Case(40, 0.3, 50, shift=0.5)]
    told = found(cases, of_rows=False)
    assert outside_stated(told).is_empty(), told


@pytest.mark.slow
def test_all_features_together() -> None:
    """A small form of `make simulate`."""
    cases = [Case(30, 0.0, 20), Case(30, 0.3, 20), Case(60, 0.0, 5, shift=0.7)]
    told = found(cases, Trees(rounds=10))
    assert outside_stated(told).is_empty(), told
