"""Days that are sealed (retention_days) or out of sight (look_back_days) stay as they are."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from jobs.dbt import close_connections
from tests.incremental.compare import differences
from tests.incremental.fleet import Fleet
from tests.incremental.test_exact_days import without_labels
from tests.incremental.world import (
    BUSINESS,
    DAYS_AT_FIRST,
    FIRST_DAY,
    World,
    first_world,
    label,
)

pytestmark = pytest.mark.slow
LAST_DAY = FIRST_DAY + timedelta(days=DAYS_AT_FIRST - 1)
RETENTION_DAYS = 10
FIRST_OPEN_DAY = LAST_DAY - timedelta(days=RETENTION_DAYS)
LOOK_BACK_DAYS = 10
IN_SIGHT = LAST_DAY - timedelta(days=LOOK_BACK_DAYS - 2)
OUT_OF_SIGHT = LAST_DAY - timedelta(days=LOOK_BACK_DAYS + 2)
Tables = dict[str, pl.DataFrame]


@dataclass(frozen=True)
class Builds:
    """Public relations after each build, and the days that the second one counted."""

    first: Tables
    purged: Tables
    with_a_feature: Tables
    counted_at_the_purge: dict[str, list[date]]


@pytest.fixture(scope="module")
def builds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Builds]:
    """Two sealed monitors whose old raw rows are purged, and one with a look-back."""
    looking = first_world("looking", "orders").with_monitor(look_back_days=LOOK_BACK_DAYS)
    worlds = [
        *(
            first_world(f"sealed_{kind}", kind).with_monitor(retention_days=RETENTION_DAYS)
            for kind in ("orders", "visits")
        ),
        without_labels(without_labels(looking, IN_SIGHT), OUT_OF_SIGHT),
    ]
    fleet = Fleet(tmp_path_factory.mktemp("sealed") / "fleet", worlds)
    fleet.build(LAST_DAY)
    first = fleet.everything()
    *sealed, looking = worlds
    both = [IN_SIGHT, OUT_OF_SIGHT]
    late = label(looking, np.random.default_rng(1), both, share=1.0)
    fleet.give({world.name: purged(world) for world in sealed} | {"looking": late})
    fleet.build(LAST_DAY)
    after_purge, counted = fleet.everything(), fleet.days_counted()
    fleet.give({world.name: with_a_feature(fleet.worlds[world.name]) for world in sealed})
    fleet.build(LAST_DAY)
    yield Builds(first, after_purge, fleet.everything(), counted)
    close_connections()


def purged(world: World) -> World:
    """The raw rows of all sealed days are gone, also those of the history."""
    for role in ("log", "history"):
        if role in world.tables:
            days = local_days_of(world, role)
            world = world.with_table(role, world.tables[role].filter(days >= FIRST_OPEN_DAY))
    return world


def local_days_of(world: World, role: str) -> pl.Series:
    return world.days if role == "log" else world.tables[role]["predicted_at"].dt.date()


def with_a_feature(world: World) -> World:
    """And with another business metric."""
    features = {"numeric": ["ratio", "amount", "clicks"], "categorical": ["channel"]}
    price = {"numerator": "amount", "denominator": 1, "direction": "higher"}
    return world.with_monitor(features=features, business_metrics={"price": price, **BUSINESS})


def of_sealed(tables: Tables, days: pl.Expr | None = None) -> Tables:
    """The rows of the sealed monitors, without the configuration that is not of a day."""
    return {
        name: rows.filter(
            pl.col("monitor").str.starts_with("sealed"), True if days is None else days
        )
        for name, rows in tables.items()
        if "monitor" in rows.columns
    }


def test_purging_sealed_days_changes_no_row(builds: Builds) -> None:
    assert differences(of_sealed(builds.purged), of_sealed(builds.first)) == []
    assert not [name for name in builds.counted_at_the_purge if name.startswith("sealed")]


@pytest.mark.parametrize(
    "relation", ["feature_histograms", "feature_statistics", "feature_drift", "performance",
                 "calibration", "prediction_histograms", "prediction_drift", "signals"],
)  # fmt: skip
def test_a_new_feature_leaves_sealed_facts_as_they_are(builds: Builds, relation: str) -> None:
    """Rows of other features stay to the digit; of the new one nothing was ever counted there."""
    before, after = (
        tables[relation].filter(
            pl.col("monitor").str.starts_with("sealed"), pl.col("metric_date") < FIRST_OPEN_DAY
        )
        for tables in (builds.first, builds.with_a_feature)
    )
    if "feature_name" in after.columns:
        new = after.filter(pl.col("feature_name") == "ratio")
        after = after.filter(pl.col("feature_name") != "ratio")
        if "row_count" in new.columns:
            assert new["row_count"].sum() == 0
    assert before.height > 0
    assert differences({relation: after}, {relation: before}) == []


def test_a_new_feature_is_counted_on_the_days_that_are_open(builds: Builds) -> None:
    statistics = builds.with_a_feature["feature_statistics"].filter(
        pl.col("monitor").str.starts_with("sealed"),
        pl.col("feature_name") == "ratio",
        pl.col("segment_name") == "overall",
        pl.col("window_days") == 1,
        pl.col("metric_date") >= FIRST_OPEN_DAY,
    )
    assert statistics.height == 2 * (RETENTION_DAYS + 1)
    assert (statistics["row_count"] > 0).all()


def test_a_new_business_metric_begins_on_the_first_day_that_is_open(builds: Builds) -> None:
    """It is absent before, and a window that reaches further back is not judged."""
    performance = builds.with_a_feature["performance"].filter(
        pl.col("monitor").str.starts_with("sealed"),
        pl.col("model_version") == "serving",
        pl.col("segment_name") == "overall",
    )
    price = performance.filter(pl.col("metric_name") == "price")
    assert price.height
    assert price["metric_date"].min() == FIRST_OPEN_DAY
    is_young = pl.col("metric_date") < FIRST_OPEN_DAY + pl.duration(days=pl.col("window_days") - 1)
    assert set(price.filter(is_young)["status"]) == {"insufficient_data"}
    assert price.filter(~is_young, window_days=7)["metric_value"].null_count() == 0
    assert performance.filter(metric_name="yield")["metric_date"].min() == FIRST_DAY


def test_a_late_label_is_seen_inside_the_look_back_alone(builds: Builds) -> None:
    assert builds.counted_at_the_purge == {"looking": [IN_SIGHT]}
    for day, is_seen in ((IN_SIGHT, True), (OUT_OF_SIGHT, False)):
        labeled = [labeled_rows(tables, day) for tables in (builds.first, builds.purged)]
        assert labeled[0] == 0
        assert (labeled[1] > 0) == is_seen


def labeled_rows(tables: Tables, day: date) -> int:
    rows = tables["performance"].filter(
        pl.col("monitor") == "looking",
        pl.col("metric_name") == "roc_auc",
        pl.col("model_version") == "serving",
        pl.col("segment_name") == "overall",
        pl.col("metric_date") == day,
        pl.col("window_days") == 1,
    )
    return int(rows["labeled_rows"].max())
