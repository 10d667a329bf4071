"""Sealed days of several classes, numbers and rankings, which test_sealed_days does for binary."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import duckdb
import polars as pl
import pytest

from jobs.dbt import close_connections
from tests.incremental.compare import differences
from tests.incremental.fleet import INTERNAL, Fleet
from tests.incremental.test_sealed_days import (
    FIRST_OPEN_DAY,
    LAST_DAY,
    RETENTION_DAYS,
    Tables,
    of_days,
    of_sealed,
    purged,
)
from tests.incremental.world import first_world

pytestmark = pytest.mark.slow
KINDS = ("tickets", "fares", "searches")
# The release before the one that told errors of all tasks, and calibration of the class called.
AS_BEFORE = (
    "drop table {internal}.int_label_ages_daily",
    "drop table {internal}.int_loss_by_bin_daily",
    "drop table {internal}.int_worst_rows_daily",
    "delete from {internal}.int_class_histogram_daily where class_position = 0",
    "update {internal}.int_score_histogram_daily "
    "set labeled_rows = 0, positive_rows = 0, labeled_score_sum = null "
    "where monitor = 'sealed_tickets'",
    "alter table {internal}.int_performance_daily drop column called_brier_sum",
    "update {internal}.int_built_days set marts_fingerprint = 'older'",
)
# What rests on them, by what a row of a day is that was not counted with them.
COUNTED_NEVER = {
    "error_patterns": pl.col("pattern_kind") != "feature_bin",
    "error_percentiles": pl.lit(False),
    "worst_predictions": pl.lit(False),
    "label_maturity": pl.col("label_coverage").is_null(),
    "performance_as_known": pl.lit(False),
    "drift_attribution": pl.col("feature_name") == "joint",
    "segment_gaps": ~pl.col("metric_name").is_in(["mean_error", "error_p50", "error_p95"]),
    "calibration": pl.lit(False),
    "calibration_summary": pl.lit(False),
}


@dataclass(frozen=True)
class Builds:
    """Public relations after each build, and the days that the second one counted."""

    first: Tables
    purged: Tables
    upgraded: Tables
    counted_at_the_purge: dict[str, list[date]]


@pytest.fixture(scope="module")
def builds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Builds]:
    """Raw rows of sealed days are purged, and a new release finds what an older one left."""
    worlds = {
        f"sealed_{kind}": first_world(f"sealed_{kind}", kind).with_monitor(
            retention_days=RETENTION_DAYS
        )
        for kind in KINDS
    }
    fleet = Fleet(tmp_path_factory.mktemp("tasks") / "fleet", worlds.values())
    fleet.build(LAST_DAY)
    first = fleet.everything()
    fleet.give({name: purged(world) for name, world in worlds.items()})
    fleet.build(LAST_DAY)
    after_purge, counted = fleet.everything(), fleet.days_counted()
    with duckdb.connect(str(fleet.project.paths.warehouse)) as connection:
        for statement in AS_BEFORE:
            connection.execute(statement.format(internal=INTERNAL))
    fleet.build(LAST_DAY)
    yield Builds(first, after_purge, fleet.everything(), counted)
    close_connections()


def test_purging_sealed_days_of_a_task_changes_no_row(builds: Builds) -> None:
    assert builds.counted_at_the_purge == {}
    assert differences(of_sealed(builds.purged), of_sealed(builds.first)) == []


def test_an_upgrade_keeps_what_was_counted_of_a_task(builds: Builds) -> None:
    before, after = (
        of_days(tables, pl.col("metric_date") < FIRST_OPEN_DAY)
        for tables in (builds.first, builds.upgraded)
    )
    kept = before.keys() - COUNTED_NEVER.keys()
    for relation in ("performance", "prediction_drift", "prediction_histograms"):
        assert relation in kept
        assert before[relation]["monitor"].n_unique() == len(KINDS)
    found = {name: after[name].select(before[name].columns) for name in kept}
    assert differences(found, {name: before[name] for name in kept}) == []


@pytest.mark.parametrize("relation", COUNTED_NEVER)
def test_an_upgrade_invents_nothing_of_a_task(builds: Builds, relation: str) -> None:
    sealed = pl.col("metric_date") < FIRST_OPEN_DAY
    was_told = of_days(builds.first, sealed)[relation].filter(~COUNTED_NEVER[relation])
    told = of_days(builds.upgraded, sealed)[relation].filter(~COUNTED_NEVER[relation])
    assert was_told.height > 0, "the new tables say something"
    assert told.height == 0


@pytest.mark.parametrize("kind", KINDS)
def test_an_upgrade_counts_open_days_of_a_task(builds: Builds, kind: str) -> None:
    monday = FIRST_OPEN_DAY + timedelta(days=-FIRST_OPEN_DAY.weekday() % 7)
    of_open_days = {
        "worst_predictions": pl.col("week") >= monday,
        "error_percentiles": (pl.col("window_days") == 1)
        & (pl.col("metric_date") >= FIRST_OPEN_DAY),
    }
    before, after = (
        {
            name: tables[name].filter(is_open, pl.col("monitor") == f"sealed_{kind}")
            for name, is_open in of_open_days.items()
        }
        for tables in (builds.first, builds.upgraded)
    )
    assert all(rows.height for rows in before.values())
    assert differences(after, before) == []


def test_sealed_days_without_labels_in_cells_pull_no_bias_of_classes(builds: Builds) -> None:
    """Their months say nothing of days; what rows alone give stays."""
    key = ["model_version", "metric_date", "segment_name", "segment_value"]
    before, after = (
        tables["calibration_summary"].filter(
            pl.col("monitor") == "sealed_tickets",
            pl.col("window_days") == 1,
            pl.col("metric_date") >= FIRST_OPEN_DAY,
        )
        for tables in (builds.first, builds.upgraded)
    )
    both = before.join(after, on=key, suffix="_after", how="full")
    assert both.height == before.height == after.height > 0
    assert both.filter((pl.col("bias") - pl.col("bias_after")).abs() > 1e-12).is_empty()
    assert (both["design_effect"] > 1).any()
    assert (both["design_effect_after"] == 1).all()
    width, width_after = (
        both[f"bias_upper_bound{one}"] - both[f"bias_lower_bound{one}"] for one in ("", "_after")
    )
    assert (width_after > 0).all() and (width_after <= width * (1 + 1e-9)).all()
