"""Exactly the days that changed are counted anew, and nothing else moves."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from jobs.dbt import close_connections
from tests.incremental.compare import changed_rows, differences
from tests.incremental.fleet import Fleet
from tests.incremental.truth import days_that_differ, rows_by_day
from tests.incremental.world import (
    FIRST_DAY,
    KINDS,
    ON_BUSINESS,
    ON_CONFIGURATION,
    ON_ROWS,
    ON_VERSIONS,
    OPERATIONS,
    World,
    changed,
    first_world,
    label,
    renewed_by_jobs,
)

LAST_DAY = FIRST_DAY + timedelta(days=31)
NEWEST = LAST_DAY + timedelta(days=5)
EARLIER = LAST_DAY - timedelta(days=3)
# Which days are counted is known long before the marts are built.
ONLY_TO_THE_LIST = ("--select", "+int_days_to_count")


def monitor_of(operation: str) -> str:
    """Each operation has a monitor of its own, the kinds in turn."""
    kind = [*KINDS][list(OPERATIONS).index(operation) % len(KINDS)]
    return f"{operation}_{kind}"


# What is judged otherwise is another key of each task.
OPERATION_OF = {monitor_of(operation): operation for operation in OPERATIONS} | {
    f"other_judgement_{kind}": "other_judgement" for kind in KINDS
}


def world_of(monitor: str, operation: str) -> World:
    """The smallest monitor that the operation means something for."""
    world = first_world(monitor, monitor.split("_")[-1], 5, 32)
    world = renewed_by_jobs(world) if operation in ON_VERSIONS else world
    both = {"region": "region", "device": "device"}
    segments = both if operation == "reordered_segments" else {}
    return world.with_monitor(features={"numeric": ["amount"]}, segments=segments, protected=[])


@dataclass(frozen=True)
class Counted:
    """Which days look different in the raw tables, and which ones a build counts, by monitor."""

    every_day: dict[str, list[date]]
    touched: dict[str, list[date]]
    found: dict[str, list[date]]
    found_of_business: dict[str, list[date]]
    touched_as_seen_earlier: dict[str, list[date]]
    found_earlier: dict[str, list[date]]
    found_without_a_change: dict[str, list[date]]
    held_out: tuple[date, date]
    """First and last day that the version of `registered_version` was judged on."""


@pytest.fixture(scope="module")
def counted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Counted]:
    """One build for all operations: each has happened to a monitor of its own."""
    before = {monitor: world_of(monitor, operation) for monitor, operation in OPERATION_OF.items()}
    fleet = Fleet(tmp_path_factory.mktemp("exact") / "fleet", before.values())
    fleet.build(NEWEST)
    warehouse = fleet.project.paths.warehouse
    assert not warehouse.with_name(f"{warehouse.name}.wal").exists(), "the file is not all of it"
    built = Path(shutil.copy(warehouse, warehouse.with_name("built.duckdb")))
    fleet.build(NEWEST, ONLY_TO_THE_LIST)
    found_without_a_change = fleet.days_counted()
    fleet.build(EARLIER, ONLY_TO_THE_LIST)
    found_earlier = fleet.days_counted()
    built.replace(warehouse)
    after = {
        monitor: changed(before[monitor], operation, 11)
        for monitor, operation in OPERATION_OF.items()
    }
    fleet.give(after)
    fleet.build(NEWEST, ONLY_TO_THE_LIST)
    yield Counted(
        {name: sorted(rows_by_day(world, NEWEST)) for name, world in before.items()},
        touched_days(before, NEWEST, after, NEWEST),
        fleet.days_counted(),
        fleet.days_of_business_counted(),
        touched_days(before, NEWEST, before, EARLIER),
        found_earlier,
        found_without_a_change,
        after[monitor_of("registered_version")]
        .records["model_versions"]
        .select("holdout_from", "holdout_to")
        .row(0),
    )
    close_connections()


def touched_days(
    before: dict[str, World], before_as_of: date, after: dict[str, World], after_as_of: date
) -> dict[str, list[date]]:
    return {
        name: days_that_differ(
            rows_by_day(world, before_as_of), rows_by_day(after[name], after_as_of)
        )
        for name, world in before.items()
    }


@pytest.mark.parametrize("operation", ON_ROWS)
def test_an_operation_has_its_days_counted_and_no_others(counted: Counted, operation: str) -> None:
    monitor = monitor_of(operation)
    assert counted.touched[monitor], "the operation does something"
    assert counted.found.get(monitor, []) == counted.touched[monitor]


@pytest.mark.parametrize(
    "operation",
    [*(name for name in ON_CONFIGURATION if name != "policy_row"), "toggled_retrain"],
)
def test_what_facts_are_made_of_has_every_day_counted(counted: Counted, operation: str) -> None:
    monitor = monitor_of(operation)
    assert counted.found[monitor] == counted.every_day[monitor]


@pytest.mark.parametrize("kind", KINDS)
def test_rows_that_are_judged_otherwise_are_counted_anew(counted: Counted, kind: str) -> None:
    monitor = f"other_judgement_{kind}"
    assert counted.found[monitor] == counted.every_day[monitor]


def test_a_registered_version_has_the_days_counted_it_was_judged_on(counted: Counted) -> None:
    monitor, (first, last) = monitor_of("registered_version"), counted.held_out
    expected = [day for day in counted.every_day[monitor] if first <= day <= last]
    assert len(expected) >= 7
    assert counted.found[monitor] == expected


@pytest.mark.parametrize("operation", ON_BUSINESS)
def test_what_business_metrics_are_made_of_has_them_alone_counted(
    counted: Counted, operation: str
) -> None:
    monitor = monitor_of(operation)
    expected = counted.touched if operation == "corrected_revenues" else counted.every_day
    assert expected[monitor]
    assert counted.found_of_business[monitor] == expected[monitor]
    assert monitor not in counted.found


def test_a_policy_has_no_day_counted(counted: Counted) -> None:
    assert monitor_of("policy_row") not in counted.found


def test_without_a_change_no_day_is_counted(counted: Counted) -> None:
    assert counted.found_without_a_change == {}


def test_an_earlier_as_of_day_has_the_days_counted_that_look_different_from_there(
    counted: Counted,
) -> None:
    assert all(counted.touched_as_seen_earlier.values()), "rows and labels of the last days"
    assert counted.found_earlier == counted.touched_as_seen_earlier


LATE_DAY = FIRST_DAY + timedelta(days=40)
LABELS_ARRIVE = LATE_DAY + timedelta(days=40)
Tables = dict[str, pl.DataFrame]


@dataclass(frozen=True)
class Late:
    """Public relations before and after the labels of LATE_DAY arrived in the monitor `late`."""

    before: Tables
    after: Tables
    counted: dict[str, list[date]]


@pytest.fixture(scope="module")
def late(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Late]:
    """Labels of one day arrive 40 days later; another monitor stays as it is."""
    worlds = {
        name: without_labels(first_world(name, kind, 3, 81), LATE_DAY)
        for name, kind in (("late", "orders"), ("other", "visits"))
    }
    fleet = Fleet(tmp_path_factory.mktemp("late") / "fleet", worlds.values())
    fleet.build(LABELS_ARRIVE)
    before = fleet.everything()
    fleet.give({"late": label(worlds["late"], np.random.default_rng(8), [LATE_DAY], share=1.0)})
    fleet.build(LABELS_ARRIVE)
    yield Late(before, fleet.everything(), fleet.days_counted())
    close_connections()


def test_of_late_labels_their_day_alone_is_counted(late: Late) -> None:
    assert late.counted == {"late": [LATE_DAY]}


def test_every_window_over_their_day_has_the_late_labels(late: Late) -> None:
    before, after = (
        tables["performance"].filter(
            pl.col("monitor") == "late",
            pl.col("segment_name") == "overall",
            pl.col("model_version") == "serving",
            pl.col("metric_name") != "yield",
        )
        for tables in (late.before, late.after)
    )
    key = ["metric_date", "window_days", "metric_name", "reference"]
    pairs = after.join(before, on=key, suffix="_before", validate="1:1")
    last_days = pl.lit(LATE_DAY) + pl.duration(days=pl.col("window_days") - 1)
    covers = pl.col("metric_date").is_between(LATE_DAY, last_days)
    has_more = pl.col("labeled_rows") > pl.col("labeled_rows_before")
    assert pairs.height == before.height == after.height
    assert pairs.filter(covers).height > 0
    assert pairs.filter(covers != has_more).height == 0


def test_every_other_row_of_performance_says_the_same_of_its_window(late: Late) -> None:
    """All rows, of all segments, versions and metrics; what they are compared with is left out."""
    of_the_window = [
        "monitor", "model_version", "metric_date", "window_days", "segment_name", "segment_value",
        "metric_name", "reference", "metric_value", "row_count", "labeled_rows", "label_coverage",
    ]  # fmt: skip
    before, after = (
        tables["performance"].select(of_the_window) for tables in (late.before, late.after)
    )
    moved = changed_rows(before, after)
    last_days = pl.lit(LATE_DAY) + pl.duration(days=pl.col("window_days") - 1)
    covers = (pl.col("monitor") == "late") & pl.col("metric_date").is_between(LATE_DAY, last_days)
    assert moved.height > 0
    assert moved.filter(~covers).height == 0
    keys = of_the_window[:8]
    assert after.select(keys).is_unique().all()
    assert before.select(keys).sort(keys).equals(after.select(keys).sort(keys)), (
        "no row came or went"
    )


def test_late_labels_change_no_other_row_of_performance(late: Late) -> None:
    """A row may change whose window holds the day, whose bounds rest on it (they know what each of
    the last 28 days pulls the 30 days up to it), or whose reference does either."""
    reach = 28 + 30 - 1
    moved = changed_rows(late.before["performance"], late.after["performance"])
    assert moved.height > 0
    assert set(moved["monitor"]) == {"late"}
    for day, window, reference in set(moved["metric_date", "window_days", "reference"].iter_rows()):
        rests_on = [(day, max(window, reach))]
        if reference in ("rolling", "previous"):
            length = 30 if reference == "rolling" else window
            rests_on.append((day - timedelta(days=window), max(length, reach)))
        first_days = [last - timedelta(days=length - 1) for last, length in rests_on]
        assert any(
            first <= LATE_DAY <= last for first, (last, _) in zip(first_days, rests_on, strict=True)
        ), (day, window, reference)


def test_late_labels_change_nothing_that_knows_no_labels(late: Late) -> None:
    may_change = {
        "performance", "calibration", "calibration_summary", "estimated_performance", "signals",
        "alerts", "model_health", "retraining_decisions", "fairness", "label_maturity",
        "data_quality", "error_patterns", "error_percentiles", "segment_gaps", "segment_changes",
        "worst_predictions", "performance_as_known", "drift_attribution",
    }  # fmt: skip
    unmoved = late.before.keys() - may_change
    assert (
        differences(
            {name: late.after[name] for name in unmoved},
            {name: late.before[name] for name in unmoved},
        )
        == []
    )


@pytest.mark.parametrize("relation", ["calibration", "calibration_summary"])
def test_late_labels_change_calibration_of_windows_over_their_day_alone(
    late: Late, relation: str
) -> None:
    """Bounds, and what is taken off for chance, rest on the days before too, as in performance."""
    on_days = pl.selectors.matches("_bound$") | pl.selectors.by_name(
        "design_effect", "debiased_error", require_all=False
    )
    moved = changed_rows(late.before[relation].drop(on_days), late.after[relation].drop(on_days))
    last_days = pl.lit(LATE_DAY) + pl.duration(days=pl.col("window_days") - 1)
    assert moved.height > 0
    assert moved.filter(~pl.col("metric_date").is_between(LATE_DAY, last_days)).height == 0
    assert set(moved["monitor"]) == {"late"}
    widened = changed_rows(late.before[relation], late.after[relation])
    reach = LATE_DAY + timedelta(days=28 + 30 - 2)
    assert widened.filter(~pl.col("metric_date").is_between(LATE_DAY, reach)).height == 0
    assert set(widened["monitor"]) == {"late"}


def without_labels(world: World, day: date) -> World:
    """Nothing is known of the outcome of a day."""
    if "labels" in world.tables:
        ids = world.log.filter(world.days == day)["row_id"].implode()
        kept = world.tables["labels"].filter(~pl.col("row_id").is_in(ids))
        return world.with_table("labels", kept)
    is_known = world.days != day
    return world.with_table(
        "log",
        world.log.with_columns(
            pl.when(is_known).then(pl.col(name)).alias(name) for name in ("outcome", "labeled_at")
        ),
    )
