"""A build at any hour of a day, and another in the evening, end where one in the evening does."""

from collections.abc import Iterator
from datetime import timedelta

import polars as pl
import pytest

from jobs.dbt import close_connections
from tests.incremental.fleet import Fleet
from tests.incremental.sequences import compare
from tests.incremental.world import DAYS_AT_FIRST, FIRST_DAY, World, changed, first_world

pytestmark = pytest.mark.slow
TODAY = FIRST_DAY + timedelta(days=DAYS_AT_FIRST - 1)
KINDS = ("orders", "visits")


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[dict[str, str], list[str]]]:
    """Severities of today's row volume by hour of the build, and how the end differs from fresh."""
    evening = {kind: first_world(kind, kind, seed=2) for kind in KINDS}
    morning = {kind: early(world) for kind, world in evening.items()}
    fleet = Fleet(tmp_path_factory.mktemp("today") / "fleet", morning.values())
    severities = {}
    fleet.build()
    severities["morning"] = volume_severity(fleet)
    fleet.build(TODAY)
    severities["morning, the day is named"] = volume_severity(fleet)
    fleet.give(evening)
    fleet.build()
    severities["evening"] = volume_severity(fleet)
    told = compare(fleet)
    fleet.give({kind: changed(early(world), "new_days", 1) for kind, world in evening.items()})
    fleet.build()
    severities["a newer day is there"] = volume_severity(fleet)
    yield severities, told
    close_connections()


def early(world: World) -> World:
    """The same when today has only its first row."""
    is_today = world.days == TODAY
    first = world.log["predicted_at"].filter(is_today).min()
    return world.with_table("log", world.log.filter(~is_today | (pl.col("predicted_at") == first)))


def volume_severity(fleet: Fleet) -> list[str]:
    signals = fleet.everything()["signals"].filter(
        pl.col("rule_id") == "row_volume", pl.col("metric_date") == TODAY
    )
    return sorted(set(signals["severity"]))


def test_two_builds_of_a_day_are_one_in_the_evening(story: tuple) -> None:
    assert story[1] == []


@pytest.mark.parametrize(
    ("hour", "expected"),
    [
        ("morning", ["insufficient_data"]),
        ("morning, the day is named", ["red"]),
        ("evening", ["insufficient_data"]),
        ("a newer day is there", ["red"]),
    ],
)
def test_volume_is_judged_once_the_day_is_over(
    story: tuple, hour: str, expected: list[str]
) -> None:
    assert story[0][hour] == expected
