"""A monitor without a changed day has no part in what a build reads, nor a day in its tables."""

from collections.abc import Iterator
from datetime import date, timedelta

import duckdb
import polars as pl
import pytest

from jobs.dbt import DbtResult, close_connections
from tests.incremental.fleet import INTERNAL, Fleet
from tests.incremental.sequences import compare
from tests.incremental.world import FIRST_DAY, World, changed, first_world

Day = tuple[str, date]
AS_OF = FIRST_DAY + timedelta(days=45)
READERS = (
    "int_repeated_days", "int_repeated_rows", "int_reference_sample", "int_reference_values",
    "int_counted_labels", "int_feature_moments_daily", "int_feature_histogram_daily",
    "int_performance_daily", "int_score_histogram_daily",
)  # fmt: skip
# Nothing repeats on the changed day, and the bins are frozen.
READ_NOTHING = ("int_repeated_rows", "int_reference_sample", "int_reference_values")


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, object]]:
    """SQL of the readers in a build where `one` changed, in one where nothing did, and the end."""
    worlds = {name: first_world(name, "orders", 6, 32) for name in ("one", "other")}
    fleet = Fleet(tmp_path_factory.mktemp("unchanged") / "fleet", worlds.values())
    first = sql_of(fleet.build(AS_OF))
    fleet.give({"one": changed(worlds["one"], "backfill", 3)})
    second = sql_of(fleet.build(AS_OF))
    differences = compare(fleet)
    fleet.build(AS_OF)
    third = sql_of(fleet.build(AS_OF))
    untouched, built = days_left_alone(fleet, changed(fleet.worlds["one"], "backfill", 5))
    yield {
        "first": first, "one changed": second, "none changed": third, "end": differences,
        "untouched": untouched, "built": built,
    }  # fmt: skip
    close_connections()


def days_left_alone(fleet: Fleet, world: World) -> tuple[set[Day], set[Day]]:
    """Days whose cells of the score a build does not write, and the days whose marts it builds.

    All cells are marked beforehand with a bin that is none; what is written is not marked.
    """
    with duckdb.connect(str(fleet.project.paths.warehouse)) as connection:
        connection.execute(f"update {INTERNAL}.int_prediction_histogram_daily set bin_id = 77")
    fleet.give({world.name: world})
    fleet.build(AS_OF)
    cells = fleet.internal("int_prediction_histogram_daily")
    marked = set(cells.filter(pl.col("bin_id") == 77)["monitor", "metric_date"].rows())
    written = set(cells.filter(pl.col("bin_id") != 77)["monitor", "metric_date"].rows())
    assert not marked & written
    assert written
    return marked, set(fleet.internal("int_affected_days")["monitor", "metric_date"].rows())


def sql_of(result: DbtResult) -> dict[str, str]:
    """The compiled SQL of the readers, by model."""
    nodes = {one.node.name: one.node for one in result.raw.results}
    return {name: nodes[name].compiled_code for name in READERS}


def monitors_read(sql: str) -> list[str]:
    """The monitors whose log or history stands in a text."""
    return [name for name in ("one", "other") if f"{name}_log" in sql or f"{name}_history" in sql]


@pytest.mark.parametrize("model", READERS)
def test_only_what_changed_is_read(told: dict[str, dict[str, str]], model: str) -> None:
    if model != "int_repeated_rows":
        assert monitors_read(told["first"][model]) == ["one", "other"]
    assert monitors_read(told["one changed"][model]) == ([] if model in READ_NOTHING else ["one"])
    assert monitors_read(told["none changed"][model]) == []


def test_a_build_that_reads_one_monitor_ends_where_a_fresh_one_does(
    told: dict[str, list[str]],
) -> None:
    assert told["end"] == []


def test_score_cells_of_a_day_are_written_when_its_marts_are(
    told: dict[str, set[Day]],
) -> None:
    assert told["untouched"], "days before the change, and all of the other monitor"
    assert {monitor for monitor, _ in told["untouched"]} == {"one", "other"}
    assert not told["untouched"] & told["built"]
