"""Estimates without labels hold what labels show when scores move, and not when labels do."""

from pathlib import Path

import pytest

from tests.simulation.estimates import (
    CONCEPT_DRIFT,
    PROCESSES,
    Case,
    estimates,
    outside_stated,
)

pytestmark = pytest.mark.slow


def test_estimates_follow_a_shift_of_scores_and_are_blind_to_concept_drift(tmp_path: Path) -> None:
    cases = [Case(process, rows_a_week=1_050, replicates=20) for process in PROCESSES]
    found = estimates(tmp_path, [*cases, Case(CONCEPT_DRIFT, rows_a_week=1_050, replicates=10)])
    assert found.height == 5 * 8
    drifted = found.filter(process=CONCEPT_DRIFT.name)
    as_stated = found.join(drifted, on="process", how="anti")
    assert as_stated["windows"].min() == 20 * 6
    assert outside_stated(as_stated).is_empty(), outside_stated(as_stated).rows()
    assert drifted.filter(metric_name="brier")["coverage"].item() < 0.1
    assert drifted.filter(metric_name="roc_auc")["coverage"].item() > 0.8
