"""The stated intervals hold the long-run value as often as they say."""

from pathlib import Path

import pytest

from tests.simulation import tasks
from tests.simulation.coverage import MOVING_SCORES, PROCESSES, Case, coverage, outside_stated

pytestmark = pytest.mark.slow


def test_intervals_hold_the_long_run_value_with_and_without_day_effects(tmp_path: Path) -> None:
    independent, day_effects, *_ = PROCESSES
    found = coverage(
        tmp_path,
        [
            Case(process, rows_a_week=rows, replicates=50)
            for process in (independent, day_effects)
            for rows in (200, 2_000)
        ]
        + [Case(MOVING_SCORES, rows_a_week=2_000, replicates=50)],
    )
    assert found.height == 5 * 11
    assert outside_stated(found).is_empty(), outside_stated(found).rows()
    modest = found.filter(process="day_effects", rows=2_000, metric_name="recall")
    assert modest["design_effect"].item() > 3


def test_those_of_other_tasks_do_too(tmp_path: Path) -> None:
    found = coverage(
        tmp_path,
        [
            Case(process, rows_a_week=400, replicates=12)
            for of_task in tasks.PROCESSES.values()
            for process in of_task[1:2]
        ],
    )
    assert found.height == 5 + 5 + 2
    assert found["windows"].min() == 12 * 8
    assert outside_stated(found).is_empty(), outside_stated(found).rows()
