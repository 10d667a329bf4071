"""What a build saw that did not complete, and what was taken back since, leaves no trace.

What builds set out to do is kept until one finishes, and does not pile up.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count

import duckdb
import pytest

from jobs.dbt import close_connections
from tests.incremental.fleet import INTERNAL, Fleet
from tests.incremental.sequences import PARTS as ALL_PARTS
from tests.incremental.sequences import compare
from tests.incremental.world import FIRST_DAY, Draw, changed, first_world

pytestmark = pytest.mark.slow
EARLIER, NEWEST = FIRST_DAY + timedelta(days=33), FIRST_DAY + timedelta(days=37)
NUMBER = 0
# The shortest and the longest way that a dead build came; `make soak` takes all.
PARTS = ALL_PARTS if "DRIFTLINE_EVERY_BOUNDARY" in os.environ else (ALL_PARTS[0], ALL_PARTS[-1])
MONITORS = [f"part_{number}" for number in range(len(PARTS))]
BEGUN = ("int_begun_days", "int_begun_marts")
# The first build has number 1, and a build that died leaves its number to the next one.
OF_AN_OLDER_RELEASE = range(2, 7)
BUILD_NUMBERS = dict(zip(MONITORS, count(OF_AN_OLDER_RELEASE.stop), strict=False))


@dataclass
class Story:
    """How the warehouse differs from a fresh one after a dead build of each part of PARTS, and what
    its tables of state hold on the way: {moment: {table: {number of the build: rows}}}."""

    state: dict[str, dict[str, dict[int, int]]] = field(default_factory=dict)
    days_of_healing: int = 0
    differences: list[str] = field(default_factory=list)

    def remember(self, moment: str, fleet: Fleet) -> None:
        self.state[moment] = {
            table: dict(
                fleet.query(
                    f"select build_number, count(*) from {INTERNAL}.{table} "
                    "group by all order by all"
                ).rows()
            )
            for table in (*BEGUN, "int_finished_builds")
        }


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    """Each part sees a new region in a monitor of its own, which is gone before the next whole
    build; the first part dies twice. Then one sees a later as-of day, which the next whole build
    does not and the last one does.
    """
    worlds = {name: first_world(name, "orders", 4) for name in MONITORS}
    worlds["replayed"] = first_world("replayed", "visits", 4)
    fleet, story = Fleet(tmp_path_factory.mktemp("dead") / "fleet", worlds.values()), Story()
    fleet.build(NEWEST)
    leave_what_older_releases_left(fleet)
    for name, part in zip(MONITORS, PARTS, strict=True):
        seen = changed(worlds[name], "new_segment_value", NUMBER)
        assert FIRST_DAY < Draw(worlds[name], NUMBER).day < EARLIER
        fleet.give({name: seen})
        fleet.build(NEWEST, part, check=False)
        story.remember(f"dead {name}", fleet)
        if part is PARTS[0]:
            fleet.build(NEWEST, part, check=False)
            story.remember(f"dead again {name}", fleet)
        fleet.give({name: worlds[name]})
        fleet.build(NEWEST)
        story.remember(f"finished {name}", fleet)
        if part is PARTS[0]:
            story.days_of_healing = len(fleet.days_built()[name])
    fleet.build(EARLIER)
    story.remember("nothing died", fleet)
    fleet.build(NEWEST, PARTS[0], check=False)
    fleet.build(EARLIER)
    story.differences = compare(fleet)
    fleet.build(NEWEST)
    story.differences += compare(fleet)
    yield story
    close_connections()


def leave_what_older_releases_left(fleet: Fleet) -> None:
    """A row for each day of each build there ever was."""
    numbers = f"range({OF_AN_OLDER_RELEASE.start}, {OF_AN_OLDER_RELEASE.stop})"
    with duckdb.connect(str(fleet.project.paths.warehouse)) as connection:
        for table in BEGUN:
            connection.execute(
                f"insert into {INTERNAL}.{table} select monitor, metric_date, number "
                f"from {INTERNAL}.{table}, {numbers} as numbers (number)"
            )
        connection.execute(f"insert into {INTERNAL}.int_finished_builds from {numbers}")


@pytest.mark.parametrize("monitor", MONITORS)
def test_nothing_is_left_of_a_dead_build(story: Story, monitor: str) -> None:
    assert [line for line in story.differences if f"'{monitor}'" in line] == []


def test_labels_in_the_log_count_from_the_day_they_are_known(story: Story) -> None:
    assert [line for line in story.differences if "'replayed'" in line] == []


def test_no_relation_differs(story: Story) -> None:
    assert story.differences == []


def test_a_dead_build_is_healed(story: Story) -> None:
    """What it set out to build, and no day more."""
    begun = story.state["dead part_0"]["int_begun_marts"][BUILD_NUMBERS["part_0"]]
    assert story.days_of_healing == begun > 0


@pytest.mark.parametrize("monitor", MONITORS)
def test_a_dead_build_begins_the_day_that_changed_alone(story: Story, monitor: str) -> None:
    begun = story.state[f"dead {monitor}"]["int_begun_days"]
    assert begun[BUILD_NUMBERS[monitor]] == 1


def test_a_dead_build_is_remembered_once(story: Story) -> None:
    number = BUILD_NUMBERS["part_0"]
    dead, again = story.state["dead part_0"], story.state["dead again part_0"]
    for table in BEGUN:
        assert dead[table][number] > 0
        assert again[table][number] == dead[table][number]
    assert list(again["int_finished_builds"]) == [1, *OF_AN_OLDER_RELEASE]


@pytest.mark.parametrize("monitor", MONITORS)
def test_what_finished_builds_set_out_to_do_goes(story: Story, monitor: str) -> None:
    """Of an older release too."""
    dead, finished = story.state[f"dead {monitor}"], story.state[f"finished {monitor}"]
    last_two = [BUILD_NUMBERS[monitor] - 1, BUILD_NUMBERS[monitor]]
    for table in BEGUN:
        assert list(dead[table]) == last_two
        assert list(finished[table]) == last_two
    assert list(finished["int_finished_builds"]) == last_two


def test_a_build_after_a_finished_one_has_the_next_number(story: Story) -> None:
    last = BUILD_NUMBERS[MONITORS[-1]]
    for table, rows in story.state["nothing died"].items():
        assert list(rows) == [last, last + 1], table
