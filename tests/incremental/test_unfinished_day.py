"""A build at any hour of a day, and another in the evening, end where one in the evening does."""

from collections.abc import Iterator
from dataclasses import dataclass, field
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


@dataclass
class Story:
    """By hour of the build: severities of today's row volume, whether today and any earlier day is
    marked partial, and what model health says of the primary metric today and the day before."""

    severities: dict[str, list[str]] = field(default_factory=dict)
    partial: dict[str, list[bool]] = field(default_factory=dict)
    partial_before: dict[str, list[bool]] = field(default_factory=dict)
    primary: dict[str, tuple[list[float | None], list[float | None]]] = field(default_factory=dict)
    differences: list[str] = field(default_factory=list)

    def tell(self, hour: str, fleet: Fleet) -> None:
        tables = fleet.everything()
        volume = pl.col("rule_id") == "row_volume", pl.col("metric_date") == TODAY
        self.severities[hour] = sorted(set(tables["signals"].filter(*volume)["severity"]))
        health, is_today = tables["model_health"], pl.col("metric_date") == TODAY
        self.partial[hour] = health.filter(is_today)["is_partial"].unique().to_list()
        earlier = health.filter(pl.col("metric_date") < TODAY)
        self.partial_before[hour] = earlier["is_partial"].unique().to_list()
        by_monitor = health.sort("monitor")
        today, yesterday = (
            by_monitor.filter(pl.col("metric_date") == day)["primary_value"].to_list()
            for day in (TODAY, TODAY - timedelta(days=1))
        )
        self.primary[hour] = (today, yesterday)


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    """What builds at several hours say of today, and how the evening differs from fresh."""
    evening = {kind: first_world(kind, kind, seed=2) for kind in KINDS}
    morning = {kind: early(world) for kind, world in evening.items()}
    fleet = Fleet(tmp_path_factory.mktemp("today") / "fleet", morning.values())
    story = Story()
    fleet.build()
    story.tell("morning", fleet)
    fleet.build(TODAY)
    story.tell("morning, the day is named", fleet)
    fleet.give(evening)
    fleet.build()
    story.tell("evening", fleet)
    story.differences = compare(fleet)
    fleet.give({kind: changed(early(world), "new_days", 1) for kind, world in evening.items()})
    fleet.build()
    story.tell("a newer day is there", fleet)
    yield story
    close_connections()


def early(world: World) -> World:
    """The same when today has only its first row."""
    is_today = world.days == TODAY
    first = world.log["predicted_at"].filter(is_today).min()
    return world.with_table("log", world.log.filter(~is_today | (pl.col("predicted_at") == first)))


def test_two_builds_of_a_day_are_one_in_the_evening(story: Story) -> None:
    assert story.differences == []


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
    story: Story, hour: str, expected: list[str]
) -> None:
    assert story.severities[hour] == expected


@pytest.mark.parametrize(
    ("hour", "expected"),
    [
        ("morning", [True]),
        ("morning, the day is named", [False]),
        ("evening", [True]),
        ("a newer day is there", [False]),
    ],
)
def test_a_day_is_marked_partial_until_it_is_over(
    story: Story, hour: str, expected: list[bool]
) -> None:
    assert story.partial[hour] == expected
    assert story.partial_before[hour] == [False]


@pytest.mark.parametrize("hour", ["morning", "evening"])
def test_the_metric_of_a_day_that_may_fill_is_that_of_the_day_before(
    story: Story, hour: str
) -> None:
    today, yesterday = story.primary[hour]
    assert today == yesterday and None not in today
    named, before = story.primary["morning, the day is named"]
    assert all(one != other for one, other in zip(named, before, strict=True))
