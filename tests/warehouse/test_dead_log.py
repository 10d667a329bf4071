"""A log that ends one day, while labels still come: the gap must not become what is usual."""

from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest
from project import Project

FIRST, LOG_WEEKS, DEAD_DAYS = date(2026, 3, 2), 7, 70  # a Monday
WORKING_DAYS, ROWS = 5, 40
LAST = FIRST + timedelta(days=7 * LOG_WEEKS - 3)  # a Friday
LAST_DAYS = {
    "dead": LAST + timedelta(days=DEAD_DAYS),
    "alive": LAST + timedelta(days=1),
    "young": LAST + timedelta(days=DEAD_DAYS),
}
YOUNG_FROM = LAST - timedelta(days=18)  # a Monday
YELLOW, RED = 1, 3
MONITOR: dict[str, Any] = {
    "description": "Dead",
    "owner": "tests",
    "task": "binary",
    "inferences": {"source": ["serving", "log"]},
    "columns": {
        "id": "row_id",
        "predicted_at": "at",
        "model_version": "version",
        "score": "score",
        "label": "label",
        "labeled_at": "said_at",
    },
    "time_zone": "UTC",
    "label_horizon_days": 1,
    "features": {"numeric": ["amount"]},
    "primary_metric": "brier",
}


def tables() -> dict[str, pl.DataFrame]:
    rng = np.random.default_rng(3)
    days = [FIRST + timedelta(days=day) for day in range(7 * LOG_WEEKS)]
    working = [day for day in days if day.weekday() < WORKING_DAYS]
    log = pl.DataFrame(
        [
            {
                "row_id": f"{day}-{row}",
                "at": datetime(day.year, day.month, day.day, 9, row),
                "version": "v1",
                "score": float(rng.random()),
                "amount": float(rng.normal()),
            }
            for day in working
            for row in range(ROWS)
        ]
    )
    said = log.select(
        "row_id",
        pl.Series("label", rng.integers(0, 2, log.height)),
        (pl.col("at") + pl.duration(hours=12)).alias("said_at"),
    )
    # One label of long ago comes on a last day, which is therefore the newest that is seen.
    found = {"log": log}
    for name, day in LAST_DAYS.items():
        newest = datetime(day.year, day.month, day.day)
        late = said[:1].with_columns(pl.lit(newest).alias("said_at"))
        found[f"labels_of_{name}"] = pl.concat([said, late])
    return found


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    monitors = {
        name: MONITOR | {"labels": {"source": ["serving", f"labels_of_{name}"]}}
        for name in LAST_DAYS
    }
    monitors["young"]["filter"] = f"\"at\" >= timestamp '{YOUNG_FROM}'"
    found = Project.create(tmp_path_factory.mktemp("dead_log"), monitors, tables())
    found.build(select=["+data_quality"])
    return found


def freshness(project: Project, monitor: str) -> pl.DataFrame:
    """Freshness of each day, the last of which was not named and may still fill."""
    found = project.read("data_quality", f"check_name = 'freshness' and monitor = '{monitor}'")
    return found.sort("metric_date")


def test_a_gap_is_judged_by_those_before_it_until_it_ends(project: Project) -> None:
    """Weekends are two days long; the first working day without rows is the third."""
    found = freshness(project, "dead")
    gap = found.filter(pl.col("metric_date") > LAST)
    assert gap["check_value"].to_list() == list(range(1, DEAD_DAYS + 1))
    assert set(gap["expected"]) == {2.0}
    statuses = [
        "red" if age - 2 >= RED else "yellow" if age - 2 >= YELLOW else "ok"
        for age in range(1, DEAD_DAYS + 1)
    ]
    assert gap["status"].to_list() == statuses
    before = found.filter(pl.col("metric_date") <= LAST)
    assert set(before["status"]) == {"insufficient_data", "ok"}
    assert (before["status"] == "insufficient_data").sum() == 30


def test_a_log_that_ends_early_is_judged_once_it_is_thirty_days_old(project: Project) -> None:
    found = freshness(project, "young")
    assert found["status"][:30].to_list() == ["insufficient_data"] * 30
    assert set(found["status"][30:]) == {"red"}
    assert found["check_value"][-1] == DEAD_DAYS


def test_of_a_log_that_lives_the_day_that_may_still_fill_waits(project: Project) -> None:
    newest, before = freshness(project, "alive")[-1], freshness(project, "alive")[-2]
    assert (newest["check_value"].item(), newest["status"].item()) == (1, "insufficient_data")
    assert (before["check_value"].item(), before["status"].item()) == (0, "ok")
