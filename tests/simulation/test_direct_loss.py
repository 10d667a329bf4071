"""A few windows of the simulation of errors of predicted numbers."""

from jobs.attribution.folds import Trees
from tests.simulation.direct_loss import Case, estimates


def test_rows_that_have_become_harder_are_seen_without_labels() -> None:
    found = estimates(Case(100, moved=0.7, replicates=6), Trees(rounds=40))
    for row in found.iter_rows(named=True):
        assert row["reference_off"] < -0.2
        assert abs(row["estimate_off"]) < 0.07
        assert row["held"] >= 4 / 6
