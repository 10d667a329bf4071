"""A monitor without a changed day has no part in what a build reads, nor a day in its tables."""

from collections.abc import Iterator
from datetime import date, timedelta

import duckdb
import pytest

from jobs.dbt import DbtResult, close_connections
from tests.incremental.fleet import INTERNAL, Fleet
from tests.incremental.sequences import compare
from tests.incremental.world import FIRST_DAY, World, changed, first_world

pytestmark = pytest.mark.slow
MARKED = {"int_prediction_histogram_daily": "bin_id", "int_alert_evidence": "close_days"}
Day = tuple[str, date]
AS_OF = FIRST_DAY + timedelta(days=45)
READERS = (
    "int_repeated_days", "int_repeated_rows", "int_reference_sample", "int_reference_values",
    "int_counted_labels", "int_feature_moments_daily", "int_feature_histogram_daily",
    "int_performance_daily", "int_score_histogram_daily", "int_label_ages_daily",
    "int_business_daily", "int_confusion_daily", "int_class_histogram_daily", "int_ranked_queries",
    "int_loss_by_bin_daily", "int_worst_rows_daily", "int_score_grid",
)  # fmt: skip
# Nothing repeats on the changed day, and bins and grids are frozen.
READ_NOTHING = (
    "int_repeated_rows", "int_reference_sample", "int_reference_values", "int_score_grid",
)  # fmt: skip
OF_TASKS = ("orders", "tickets", "fares", "searches")
CHANGED = tuple(f"one_{kind}" for kind in OF_TASKS)
ALL = CHANGED + tuple(f"other_{kind}" for kind in OF_TASKS)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, object]]:
    """SQL of the readers in a build where one monitor of each task changed, in one where nothing
    did, and the end."""
    worlds = {name: first_world(name, name.partition("_")[2], 6, 32) for name in ALL}
    fleet = Fleet(tmp_path_factory.mktemp("unchanged") / "fleet", worlds.values())
    first = sql_of(fleet.build(AS_OF))
    fleet.give({name: changed(worlds[name], "backfill", 3) for name in CHANGED})
    second = sql_of(fleet.build(AS_OF))
    differences = compare(fleet)
    fleet.build(AS_OF)
    third = sql_of(fleet.build(AS_OF))
    untouched = days_left_alone(fleet, changed(fleet.worlds["one_orders"], "backfill", 5))
    yield {
        "first": first, "one changed": second, "none changed": third, "end": differences,
        "untouched": untouched,
        "built": set(fleet.internal("int_affected_days")["monitor", "metric_date"].rows()),
    }  # fmt: skip
    close_connections()


def days_left_alone(fleet: Fleet, world: World) -> dict[str, set[Day]]:
    """The days of each table of MARKED that a build of a changed world does not write.

    All rows are marked beforehand with a number that none can have; what is written is not marked.
    """
    with duckdb.connect(str(fleet.project.paths.warehouse)) as connection:
        for table, column in MARKED.items():
            connection.execute(f"update {INTERNAL}.{table} set {column} = 77")
    fleet.give({world.name: world})
    fleet.build(AS_OF)
    untouched = {}
    for table, column in MARKED.items():
        rows = fleet.internal(table)
        is_marked = rows[column] == 77
        assert not is_marked.all(), "the changed day is written"
        untouched[table] = set(rows.filter(is_marked)["monitor", "metric_date"].rows())
        assert not untouched[table] & set(rows.filter(~is_marked)["monitor", "metric_date"].rows())
    return untouched


def sql_of(result: DbtResult) -> dict[str, str]:
    """The compiled SQL of the readers, by model."""
    nodes = {one.node.name: one.node for one in result.raw.results}
    return {name: nodes[name].compiled_code for name in READERS}


def monitors_read(sql: str) -> list[str]:
    """The monitors whose log or history stands in a text."""
    return [name for name in ALL if f"{name}_log" in sql or f"{name}_history" in sql]


@pytest.mark.parametrize("model", READERS)
def test_only_what_changed_is_read(told: dict[str, dict[str, str]], model: str) -> None:
    first = monitors_read(told["first"][model])
    changed_ones = [name for name in first if name in CHANGED]
    assert first or model == "int_repeated_rows"
    assert len(first) == 2 * len(changed_ones)
    assert monitors_read(told["one changed"][model]) == (
        [] if model in READ_NOTHING else changed_ones
    )
    assert monitors_read(told["none changed"][model]) == []


def test_a_build_that_reads_one_monitor_ends_where_a_fresh_one_does(
    told: dict[str, list[str]],
) -> None:
    assert told["end"] == []


@pytest.mark.parametrize("table", MARKED)
def test_a_day_is_written_when_its_marts_are(
    told: dict[str, dict[str, set[Day]]], table: str
) -> None:
    untouched = told["untouched"][table]
    assert {monitor for monitor, _ in untouched} == set(ALL), "days before the change too"
    assert not untouched & told["built"]
