"""What was purged under `retention_days` outlives builds for the past and logs that are empty."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

import polars as pl
import pytest

from jobs.dbt import close_connections
from tests.incremental.compare import differences
from tests.incremental.fleet import Fleet
from tests.incremental.test_sealed_days import Tables, local_days_of
from tests.incremental.world import DAYS_AT_FIRST, FIRST_DAY, World, first_world

pytestmark = pytest.mark.slow
LAST_DAY = FIRST_DAY + timedelta(days=DAYS_AT_FIRST - 1)
RETENTION_DAYS = 10
FIRST_OPEN_DAY = LAST_DAY - timedelta(days=RETENTION_DAYS)
KINDS = ("orders", "visits")
BACK = (25, 15)


@dataclass
class Story:
    """Public relations by what had happened before the build."""

    tables: dict[str, Tables] = field(default_factory=dict)


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    """Old rows are purged; then days of the past are built, and the log is empty for a build."""
    worlds = {
        kind: first_world(kind, kind, seed=3).with_monitor(retention_days=RETENTION_DAYS)
        for kind in KINDS
    }
    fleet = Fleet(tmp_path_factory.mktemp("purged") / "fleet", worlds.values())
    told = Story()

    def build(name: str, as_of: date | None) -> None:
        fleet.build(as_of)
        told.tables[name] = fleet.everything()

    build("whole", LAST_DAY)
    purged = {kind: without_days_before(world, FIRST_OPEN_DAY) for kind, world in worlds.items()}
    fleet.give(purged)
    for back in BACK:
        build(f"{back} days back", LAST_DAY - timedelta(days=back))
    build("after the past", LAST_DAY)
    fleet.give({kind: without_days_before(world, date.max) for kind, world in worlds.items()})
    build("empty", None)
    fleet.give(purged)
    build("filled again", LAST_DAY)
    yield told
    close_connections()


def without_days_before(world: World, first: date) -> World:
    for role in ("log", "history"):
        if role in world.tables:
            days = local_days_of(world, role)
            world = world.with_table(role, world.tables[role].filter(days >= first))
    return world


@pytest.mark.parametrize("name", ["after the past", "filled again"])
def test_nothing_is_lost(story: Story, name: str) -> None:
    assert differences(story.tables[name], story.tables["whole"]) == []


@pytest.mark.parametrize("back", BACK)
def test_a_day_of_the_past_sees_no_later_day(story: Story, back: int) -> None:
    as_of = LAST_DAY - timedelta(days=back)
    for relation, rows in story.tables[f"{back} days back"].items():
        if "metric_date" in rows.columns and rows.height:
            assert rows["metric_date"].max() <= as_of, relation


@pytest.mark.parametrize("back", BACK)
def test_a_sealed_day_is_the_same_in_the_past(story: Story, back: int) -> None:
    """Marts that know neither labels nor maturity are what they were."""
    as_of = LAST_DAY - timedelta(days=back)
    for relation in ("feature_histograms", "feature_statistics"):
        before, after = (
            tables[relation].filter(pl.col("metric_date") < min(as_of, FIRST_OPEN_DAY))
            for tables in (story.tables["whole"], story.tables[f"{back} days back"])
        )
        assert before.height > 0
        assert differences({relation: after}, {relation: before}) == []


def test_an_empty_log_leaves_the_sealed_days_to_be_seen(story: Story) -> None:
    for relation in ("feature_histograms", "performance"):
        before, after = (
            tables[relation].filter(pl.col("metric_date") < FIRST_OPEN_DAY)
            for tables in (story.tables["whole"], story.tables["empty"])
        )
        assert before.height > 0
        assert differences({relation: after}, {relation: before}) == []
