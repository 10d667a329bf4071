"""Of windows without drift one in a hundred lies above the stated null quantile of PSI."""

from pathlib import Path

import pytest

from tests.simulation.null import Case, above_null, outside_stated

pytestmark = pytest.mark.slow


def test_one_window_of_a_hundred_lies_above_with_and_without_day_effects(tmp_path: Path) -> None:
    found = above_null(
        tmp_path,
        [
            Case(bins, rows_a_day=rows, effect_of_days=effect, series=100)
            for bins in (10, 100)
            for rows in (100, 1_000, 100_000)
            for effect in (0.0, 0.3)
        ]
        # A log that has grown since its reference.
        + [
            Case(10, 200, 0.0, series=100, reference_rows_a_day=20),
            Case(10, 10_000, 0.1, series=100, reference_rows_a_day=1_000),
        ]
        # Weekdays that are further apart than days.
        + [
            Case(10, rows, effect, series=100, effect_of_weekdays=0.4)
            for rows in (1_000, 100_000)
            for effect in (0.0, 0.1)
        ]
        # Weeks, also of a log that has grown since its reference.
        + [
            Case(10, 1_000, 0.1, series=100, window_days=7),
            Case(10, 10_000, 0.1, series=100, reference_rows_a_day=1_000, window_days=7),
        ]
        # Weekends with a tenth of the rows.
        + [Case(10, 2_000, 0.3, series=100, window_days=days, weekend=0.1) for days in (1, 7)],
    )
    assert found.height == 44
    assert outside_stated(found).is_empty(), outside_stated(found).rows()
