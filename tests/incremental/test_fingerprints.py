"""What the fingerprint of a day must see, and what its default is known not to see."""

from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from jobs.dbt import close_connections
from tests.incremental.fleet import Fleet
from tests.incremental.sequences import compare
from tests.incremental.world import World, changed, first_world

LABEL_PARTS = ("'count(known_label)',", "whole_sum('known_label'),", "'max(known_at)',")
REPORTED_PART = "coalesce(label_fingerprints.labels_fingerprint, '')"


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    yield
    close_connections()


@pytest.mark.parametrize("kind", ["orders", "visits"])
def test_a_fingerprint_without_labels_is_caught(kind: str, tmp_path: Path) -> None:
    """A planted error: in this copy of the project the fingerprint of a day leaves out its labels.

    Late labels then change nothing, and the comparison with a fresh warehouse must say so.
    """
    name = f"{kind}_0"
    fleet = Fleet(tmp_path, [first_world(name, kind)])
    plant_an_error(fleet)
    fleet.build()
    before = fleet.as_of
    fleet.give({name: changed(fleet.worlds[name], "late_labels", 3)})
    fleet.build(before)
    assert name not in fleet.days_counted(), "the planted error is at work"
    told = compare(fleet)
    assert any(line.startswith("performance:") for line in told), told


def plant_an_error(fleet: Fleet) -> None:
    """Take everything about labels out of int_row_fingerprints."""
    model = next(fleet.project.paths.project_dir.rglob("int_row_fingerprints.sql"))
    text = model.read_text()
    for part in (*LABEL_PARTS, REPORTED_PART):
        assert part in text, f"int_row_fingerprints.sql has no {part} any more"
        text = text.replace(part, "''" if part == REPORTED_PART else "")
    model.write_text(text)


def test_only_the_full_fingerprint_sees_a_feature_corrected_in_place(tmp_path: Path) -> None:
    """The default looks at counts, times, scores and labels: a feature value that is corrected and
    nothing else stays unseen (documented). `fingerprint: content` sees it."""
    worlds = [
        first_world("by_counts", "visits"),
        first_world("by_content", "visits").with_monitor(fingerprint="content"),
    ]
    fleet = Fleet(tmp_path, worlds)
    fleet.build()
    day = worlds[0].log_days[20]
    fleet.give({world.name: with_doubled_amounts(world, day) for world in worlds})
    fleet.build()
    assert fleet.days_counted() == {"by_content": [day]}
    told = compare(fleet)
    assert any(line.startswith("feature_") for line in told)
    assert not any("'by_content'" in line for line in told)


def with_doubled_amounts(world: World, day: object) -> World:
    doubled = pl.when(world.days == day).then(pl.col("amount") * 2).otherwise(pl.col("amount"))
    return world.with_table("log", world.log.with_columns(doubled.alias("amount")))
