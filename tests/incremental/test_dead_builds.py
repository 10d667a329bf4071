"""What a build saw that did not complete, and what was taken back since, leaves no trace."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from jobs.dbt import close_connections
from tests.incremental.fleet import Fleet
from tests.incremental.sequences import PARTS, compare
from tests.incremental.world import FIRST_DAY, Draw, changed, first_world

pytestmark = pytest.mark.slow
EARLIER, NEWEST = FIRST_DAY + timedelta(days=33), FIRST_DAY + timedelta(days=37)
NUMBER = 0
MONITORS = [f"part_{number}" for number in range(len(PARTS))]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[str]]:
    """How the warehouse differs from a fresh one after a dead build of each part of PARTS.

    Each part sees a new region in a monitor of its own, which is gone before the next whole build.
    Then one sees a later as-of day, which the next whole build does not and the last one does.
    """
    worlds = {name: first_world(name, "orders", 4) for name in MONITORS}
    worlds["replayed"] = first_world("replayed", "visits", 4)
    fleet = Fleet(tmp_path_factory.mktemp("dead") / "fleet", worlds.values())
    fleet.build(NEWEST)
    for name, part in zip(MONITORS, PARTS, strict=True):
        seen = changed(worlds[name], "new_segment_value", NUMBER)
        assert FIRST_DAY < Draw(worlds[name], NUMBER).day < EARLIER
        fleet.give({name: seen})
        fleet.build(NEWEST, part, check=False)
        fleet.give({name: worlds[name]})
        fleet.build(NEWEST)
    fleet.build(EARLIER)
    fleet.build(NEWEST, PARTS[0], check=False)
    fleet.build(EARLIER)
    differences_found = compare(fleet)
    fleet.build(NEWEST)
    yield differences_found + compare(fleet)
    close_connections()


@pytest.mark.parametrize("monitor", MONITORS)
def test_nothing_is_left_of_a_dead_build(told: list[str], monitor: str) -> None:
    assert [line for line in told if f"'{monitor}'" in line] == []


def test_labels_in_the_log_count_from_the_day_they_are_known(told: list[str]) -> None:
    assert [line for line in told if "'replayed'" in line] == []


def test_no_relation_differs(told: list[str]) -> None:
    assert told == []
