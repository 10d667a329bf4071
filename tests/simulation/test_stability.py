"""Of changes from week to week without cause about one in a hundred is called one."""

from pathlib import Path

import polars as pl
import pytest

from tests.simulation.coverage import Case
from tests.simulation.stability import PROCESSES, changes, outside_stated

pytestmark = pytest.mark.slow


def test_few_changes_are_called_without_cause(tmp_path: Path) -> None:
    found = changes(tmp_path, [Case(process, 420, replicates=40) for process in PROCESSES[::2]])
    # Mean, quartiles, confidence and out of range, of one day and of seven.
    assert found.height == 24
    assert outside_stated(found).is_empty(), outside_stated(found).rows()
    assert found.filter(pl.col("metric_name") == "mean")["beyond"].min() > 0.002
