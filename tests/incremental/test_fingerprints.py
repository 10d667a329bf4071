"""What the fingerprint of a day must see, and what its default is known not to see."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest

from jobs.dbt import close_connections
from tests.incremental.compare import differences
from tests.incremental.fleet import Fleet
from tests.incremental.sequences import compare
from tests.incremental.world import World, changed, first_world, renewed_by_jobs

LABEL_PARTS = {
    "'count(known_label)',": "",
    "count_where(is_finite('known_label')),": "",
    "sum_of('known_label'),": "",
    "'max(known_at)',": "",
    "coalesce(label_fingerprints.labels_fingerprint, '')": "''",
}

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    yield
    close_connections()


def test_planted_errors_are_caught(tmp_path: Path) -> None:
    """In this copy of the project the fingerprint of a day leaves out its labels, and for which
    versions it was held out.

    Late labels then change nothing, the days of a new version are not counted again, and the
    comparison with a fresh warehouse must say so of each monitor.
    """
    before = {
        "late_orders": first_world("late_orders", "orders"),
        "late_visits": first_world("late_visits", "visits"),
        "held_out": renewed_by_jobs(first_world("held_out", "visits")),
    }
    fleet = Fleet(tmp_path, before.values())
    plant_an_error(fleet, "int_row_fingerprints", LABEL_PARTS)
    plant_an_error(fleet, "int_day_logs", {"'held_out.held_out_versions',": ""})
    newest = max(world.today for world in before.values())
    fleet.build(newest)
    fleet.give(
        {
            name: changed(world, "registered_version" if name == "held_out" else "late_labels", 3)
            for name, world in before.items()
        }
    )
    fleet.build(newest + timedelta(days=1))
    assert fleet.days_counted() == {}, "the planted errors are at work"
    found, expected = fleet.everything(), fleet.fresh()
    for name, relation in (
        ("late_orders", "performance"),
        ("late_visits", "performance"),
        ("held_out", "prediction_drift"),
    ):
        of_monitor = pl.col("monitor") == name
        sides = [{relation: tables[relation].filter(of_monitor)} for tables in (found, expected)]
        assert any(line.startswith(f"{relation}:") for line in differences(*sides)), name
        if relation == "performance":
            known = [side[relation]["labeled_rows"].sum() for side in sides]
            assert known[0] < known[1], f"{name}: labels that came late are not counted"


def plant_an_error(fleet: Fleet, model: str, parts: Mapping[str, str]) -> None:
    """Put other text in the place of parts of a model, in this copy of the project."""
    file = next(fleet.project.paths.project_dir.rglob(f"{model}.sql"))
    text = file.read_text()
    for part, other in parts.items():
        assert part in text, f"{model}.sql has no {part} any more"
        text = text.replace(part, other)
    file.write_text(text)


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
