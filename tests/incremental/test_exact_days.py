"""Exactly the days that changed are counted anew, and nothing else moves."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from jobs.dbt import close_connections
from tests.incremental.compare import in_order
from tests.incremental.fleet import Fleet
from tests.incremental.truth import days_that_differ, rows_by_day
from tests.incremental.world import (
    FIRST_DAY,
    ON_ROWS,
    OPERATIONS,
    World,
    changed,
    first_world,
    label,
)

KINDS = ("orders", "visits")
COUNTED_NOWHERE = ("policy_row",)
COUNTED_EVERYWHERE = sorted(OPERATIONS.keys() - ON_ROWS.keys() - {*COUNTED_NOWHERE})
LAST_DAY = FIRST_DAY + timedelta(days=31)


@dataclass(frozen=True)
class Counted:
    """What the raw tables say was touched, and what builds counted, by monitor."""

    touched: dict[str, list[date]]
    all_days: dict[str, list[date]]
    by_the_operation: dict[str, list[date]]
    without_a_change: dict[str, list[date]]
    touched_by_as_of: dict[str, list[date]]
    by_the_as_of_day: dict[str, list[date]]


def monitor_of(operation: str, kind: str) -> str:
    return f"{operation}_{kind}"


@pytest.fixture(scope="module")
def counted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Counted]:
    """One monitor for each kind of log and operation: a single build does them all."""
    before = {
        monitor_of(operation, kind): first_world(monitor_of(operation, kind), kind, 5, 32)
        for operation in OPERATIONS
        for kind in KINDS
    }
    fleet = Fleet(tmp_path_factory.mktemp("exact") / "fleet", before.values())
    fleet.build(LAST_DAY + timedelta(days=5))
    after = {
        monitor_of(operation, kind): changed(before[monitor_of(operation, kind)], operation, 11)
        for operation in OPERATIONS
        for kind in KINDS
    }
    fleet.give(after)
    newest = LAST_DAY + timedelta(days=5)
    fleet.build(newest)
    by_the_operation = fleet.days_counted()
    fleet.build(newest)
    without_a_change = fleet.days_counted()
    back = newest - timedelta(days=8)
    fleet.build(back)
    yield Counted(
        differences_of(before, newest, after, newest),
        {name: sorted(rows_by_day(world, newest)) for name, world in after.items()},
        by_the_operation,
        without_a_change,
        differences_of(after, newest, after, back),
        fleet.days_counted(),
    )
    close_connections()


def differences_of(
    before: dict[str, World], before_as_of: date, after: dict[str, World], after_as_of: date
) -> dict[str, list[date]]:
    return {
        name: days_that_differ(
            rows_by_day(before[name], before_as_of), rows_by_day(after[name], after_as_of)
        )
        for name in before
    }


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("operation", sorted(ON_ROWS))
def test_an_operation_has_its_days_counted_and_no_others(
    counted: Counted, operation: str, kind: str
) -> None:
    monitor = monitor_of(operation, kind)
    assert counted.touched[monitor], "the operation does something"
    assert counted.by_the_operation.get(monitor, []) == counted.touched[monitor]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("operation", COUNTED_EVERYWHERE)
def test_what_facts_are_made_of_has_every_day_counted(
    counted: Counted, operation: str, kind: str
) -> None:
    monitor = monitor_of(operation, kind)
    assert counted.by_the_operation[monitor] == counted.all_days[monitor]


@pytest.mark.parametrize("kind", KINDS)
def test_a_policy_has_no_day_counted(counted: Counted, kind: str) -> None:
    assert monitor_of("policy_row", kind) not in counted.by_the_operation


def test_without_a_change_no_day_is_counted(counted: Counted) -> None:
    assert counted.without_a_change == {}


def test_an_earlier_as_of_day_has_the_days_counted_that_look_different_from_there(
    counted: Counted,
) -> None:
    monitors = [name for name in counted.touched_by_as_of if "toggled_monitor" not in name]
    for monitor in monitors:
        if "other_meaning" in monitor:
            continue  # also the days whose labels are open again
        expected = counted.touched_by_as_of[monitor]
        assert expected, "labels and rows of the last days"
        assert counted.by_the_as_of_day.get(monitor, []) == expected, monitor


class TestLateLabels:
    """Labels of one day arrive 40 days later."""

    DAY = FIRST_DAY + timedelta(days=40)
    NEWEST = FIRST_DAY + timedelta(days=80)

    @pytest.fixture(scope="class")
    def builds(
        self, tmp_path_factory: pytest.TempPathFactory
    ) -> Iterator[tuple[Fleet, dict[str, pl.DataFrame], dict[str, pl.DataFrame]]]:
        """All public relations before and after."""
        worlds = {
            name: without_labels(first_world(name, kind, 3, 81), self.DAY)
            for name, kind in (("late", "orders"), ("other", "visits"))
        }
        fleet = Fleet(tmp_path_factory.mktemp("late") / "fleet", worlds.values())
        fleet.build(self.NEWEST)
        before = fleet.everything()
        generator = np.random.default_rng(8)
        fleet.give({"late": label(worlds["late"], generator, [self.DAY], share=1.0)})
        fleet.build(self.NEWEST)
        yield fleet, before, fleet.everything()
        close_connections()

    def test_that_day_alone_is_counted(self, builds: tuple) -> None:
        assert builds[0].days_counted() == {"late": [self.DAY]}

    def test_every_window_over_the_day_has_the_labels(self, builds: tuple) -> None:
        before, after = (overall(tables["performance"]) for tables in builds[1:])
        key = ["model_version", "metric_date", "window_days", "metric_name", "reference"]
        pairs = after.join(before, on=key, suffix="_before", validate="1:1").filter(
            pl.col("model_version") == "serving"
        )
        covers = pl.col("metric_date").is_between(
            self.DAY, self.DAY + pl.duration(days=pl.col("window_days") - 1)
        )
        has_more = pl.col("labeled_rows") > pl.col("labeled_rows_before")
        assert pairs.filter(covers).height > 0
        assert pairs.filter(covers != has_more).height == 0

    def test_no_other_row_of_performance_changes(self, builds: tuple) -> None:
        """A row may change whose window holds the day, whose bounds rest on it (they know the
        variation between the last 28 days), or whose reference does either."""
        _, before, after = builds
        moved = changed_rows(before["performance"], after["performance"])
        assert moved.filter(pl.col("monitor") != "late").height == 0
        for day, window, reference in moved["metric_date", "window_days", "reference"].rows():
            ends = day - timedelta(days=window)
            rests_on = [(day, max(window, 28))]
            if reference in ("rolling", "previous"):
                rests_on.append((ends, max(28, 30 if reference == "rolling" else window)))
            assert any(
                last - timedelta(days=days - 1) <= self.DAY <= last for last, days in rests_on
            ), (day, window, reference)

    def test_nothing_that_knows_no_labels_changes(self, builds: tuple) -> None:
        _, before, after = builds
        may_change = {
            "performance", "calibration", "calibration_summary", "signals", "alerts",
            "model_health", "retraining_decisions",
        }  # fmt: skip
        for name in before.keys() - may_change:
            keys = before[name].columns
            assert in_order(before[name], keys).equals(in_order(after[name], keys)), name
        for name in ("calibration", "calibration_summary"):
            moved = changed_rows(before[name], after[name])
            assert (moved["monitor"] == "late").all()
            assert moved["metric_date"].is_between(self.DAY, self.DAY + timedelta(days=29)).all()


def without_labels(world: World, day: date) -> World:
    """Nothing is known of the outcome of a day."""
    if world.kind == "orders":
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


def overall(performance: pl.DataFrame) -> pl.DataFrame:
    return performance.filter(pl.col("monitor") == "late", pl.col("segment_name") == "overall")


def changed_rows(before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    """The rows that are in one of the two only, to the last digit."""
    return pl.concat(
        [
            before.join(after, on=before.columns, how="anti", nulls_equal=True),
            after.join(before, on=before.columns, how="anti", nulls_equal=True),
        ]
    )
