"""Days that are sealed (retention_days) or out of sight (look_back_days) stay as they are."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import duckdb
import numpy as np
import polars as pl
import pytest

from jobs.dbt import close_connections
from tests.incremental.compare import differences
from tests.incremental.fleet import INTERNAL, Fleet
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
# Kept tables, and columns of them, that a release has added to those of the one before.
NEW_TABLES = (
    "int_label_ages_daily", "int_loss_by_bin_daily", "int_worst_rows_daily", "int_confusion_daily",
    "int_class_histogram_daily", "int_score_grid", "int_feature_split",
)  # fmt: skip
NEW_COLUMNS = {
    f"{INTERNAL}.int_performance_daily": ("called_rows", "absolute_error_sum", "ndcg_sum"),
    f"{INTERNAL}.int_repeated_rows": ("class_values", "query_id"),
    "driftline.feature_drift": ("chi_square", "cramers_v", "q_value"),
}
# What rests on the new tables, by what a row of a day is that was not counted with them.
COUNTED_NEVER = {
    "error_patterns": pl.col("status") == "insufficient_data",
    "worst_predictions": pl.lit(False),
    "label_maturity": pl.col("label_coverage").is_null(),
    "performance_as_known": pl.lit(False),
    "drift_attribution": (pl.col("feature_name") == "joint") | (pl.col("status") != "judged"),
    "fairness": (pl.col("metric_name") != "selection_rate") | pl.col("metric_value").is_null(),
}


@dataclass(frozen=True)
class Builds:
    """Public relations after each build, and the days that the second one counted."""

    first: Tables
    purged: Tables
    with_a_feature: Tables
    upgraded: Tables
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
    with_feature = fleet.everything()
    leave_as_an_older_release(fleet)
    fleet.build(LAST_DAY)
    yield Builds(first, after_purge, with_feature, fleet.everything(), counted)
    close_connections()


def leave_as_an_older_release(fleet: Fleet) -> None:
    with duckdb.connect(str(fleet.project.paths.warehouse)) as connection:
        for table in NEW_TABLES:
            connection.execute(f"drop table {INTERNAL}.{table}")
        for table, columns in NEW_COLUMNS.items():
            for column in columns:
                connection.execute(f"alter table {table} drop column {column}")
        # It computed marts in its own way.
        connection.execute(f"update {INTERNAL}.int_built_days set marts_fingerprint = 'older'")


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


def of_days(tables: Tables, days: pl.Expr) -> Tables:
    dated = {name: rows for name, rows in tables.items() if "metric_date" in rows.columns}
    return of_sealed(dated, days)


def test_an_upgrade_keeps_what_was_counted_of_sealed_days(builds: Builds) -> None:
    """All that does not rest on a new table is what it was, to the digit, columns in any order."""
    before, after = (
        of_days(tables, pl.col("metric_date") < FIRST_OPEN_DAY)
        for tables in (builds.with_a_feature, builds.upgraded)
    )
    kept = before.keys() - COUNTED_NEVER.keys()
    assert {"feature_drift", "performance", "calibration", "prediction_drift"} <= kept
    found = {name: after[name].select(before[name].columns) for name in kept}
    assert differences(found, {name: before[name] for name in kept}) == []


@pytest.mark.parametrize("relation", COUNTED_NEVER)
def test_an_upgrade_invents_nothing_for_sealed_days(builds: Builds, relation: str) -> None:
    rows = of_days(builds.upgraded, pl.col("metric_date") < FIRST_OPEN_DAY)[relation]
    assert rows.filter(~COUNTED_NEVER[relation]).height == 0


def test_an_upgrade_counts_open_days_with_the_new_tables(builds: Builds) -> None:
    monday = FIRST_OPEN_DAY + timedelta(days=-FIRST_OPEN_DAY.weekday() % 7)
    before, after = (
        tables["worst_predictions"].filter(
            pl.col("monitor").str.starts_with("sealed"), pl.col("week") >= monday
        )
        for tables in (builds.with_a_feature, builds.upgraded)
    )
    assert before.height > 0
    assert differences({"worst_predictions": after}, {"worst_predictions": before}) == []
