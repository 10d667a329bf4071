"""What builds set out to do is kept until one finishes, and does not pile up."""

from collections.abc import Iterator
from datetime import timedelta

import duckdb
import pytest

from jobs.dbt import close_connections
from tests.incremental.fleet import INTERNAL, Fleet
from tests.incremental.sequences import PARTS, compare
from tests.incremental.world import FIRST_DAY, changed, first_world

pytestmark = pytest.mark.slow
AS_OF = FIRST_DAY + timedelta(days=45)
BEGUN = ("int_begun_days", "int_begun_marts")


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, object]]:
    """The state after builds of each kind, and how the end differs from a fresh build."""
    world = first_world("orders", "orders", 4, 32)
    fleet = Fleet(tmp_path_factory.mktemp("begun") / "fleet", [world])
    fleet.build(AS_OF)
    with duckdb.connect(str(fleet.project.paths.warehouse)) as connection:
        # As an older release left them: a row for each day of each build there ever was.
        for table in BEGUN:
            connection.execute(
                f"insert into {INTERNAL}.{table} select monitor, metric_date, number "
                f"from {INTERNAL}.{table}, range(2, 7) as numbers (number)"
            )
        connection.execute(f"insert into {INTERNAL}.int_finished_builds from range(2, 7)")
    seen: dict[str, object] = {}
    fleet.give({"orders": changed(world, "new_segment_value", 0)})
    for name in ("dead", "dead again"):
        fleet.build(AS_OF, PARTS[0], check=False)
        seen[name] = rows_by_number(fleet)
    fleet.give({"orders": world})
    fleet.build(AS_OF)
    seen["healed by"] = fleet.days_built()
    seen["finished"] = rows_by_number(fleet)
    for number in range(2):
        fleet.give({"orders": changed(fleet.worlds["orders"], "backfill", number)})
        fleet.build(AS_OF)
    seen["two more"] = rows_by_number(fleet)
    seen["end"] = compare(fleet)
    yield seen
    close_connections()


def rows_by_number(fleet: Fleet) -> dict[str, dict[int, int]]:
    """How many rows the tables of state have, by number of the build."""
    return {
        table: dict(
            fleet.query(
                f"select build_number, count(*) from {INTERNAL}.{table} group by all order by all"
            ).rows()
        )
        for table in (*BEGUN, "int_finished_builds")
    }


def test_a_dead_build_is_remembered_once(told: dict[str, dict[str, dict[int, int]]]) -> None:
    for table in BEGUN:
        assert told["dead"][table][7] > 0
        assert told["dead again"][table][7] == told["dead"][table][7]
    assert list(told["dead again"]["int_finished_builds"]) == [1, 2, 3, 4, 5, 6]


def test_what_finished_builds_set_out_to_do_goes(
    told: dict[str, dict[str, dict[int, int]]],
) -> None:
    for table in BEGUN:
        assert list(told["dead"][table]) == [6, 7], "those of an older release too"
        assert list(told["finished"][table]) == [6, 7]
        assert list(told["two more"][table]) == [8, 9]
    assert list(told["finished"]["int_finished_builds"]) == [6, 7]
    assert list(told["two more"]["int_finished_builds"]) == [8, 9]


def test_a_dead_build_is_healed(told: dict[str, object]) -> None:
    assert told["healed by"]
    assert told["end"] == []
