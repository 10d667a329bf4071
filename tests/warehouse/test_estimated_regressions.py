"""What the estimation job says of predicted numbers, beside what labels then showed."""

import shutil
from dataclasses import replace
from datetime import timedelta

import duckdb
import nasty
import polars as pl
import pytest
from project import Project

from jobs.config import load_project
from jobs.cycle import CycleReport, Deployment, _estimate
from jobs.estimation.records import TABLE

EARLIER = nasty.AS_OF - timedelta(days=5)
KEYS = [
    "monitor", "model_version", "metric_date", "window_days", "segment_name", "segment_value",
    "metric_name",
]  # fmt: skip


@pytest.fixture(scope="module")
def estimated(
    built: Project, first_build: dict[str, pl.DataFrame], tmp_path_factory: pytest.TempPathFactory
) -> Project:
    """A copy in which the step of the cycle was taken on two days; the first has its labels now."""
    copy = tmp_path_factory.mktemp("estimated") / built.paths.warehouse.name
    shutil.copy(built.paths.warehouse, copy)
    project = Project(replace(built.paths, file=copy))
    with duckdb.connect(str(copy)) as connection:  # a row that has all of the loss teaches nothing
        connection.execute(
            "update serving.fares set predicted_fare = 1050 where predicted_fare > 1e6"
        )
    monitor = load_project(built.paths.project_dir).monitor("fares")
    deployment = Deployment.of(project.paths)
    for as_of in (EARLIER, nasty.AS_OF):
        report = CycleReport(as_of)
        told: list[str] = []
        for _ in range(2):  # the second finds it done
            _estimate(deployment, monitor, as_of, report, told.append)
        assert told == [f"fares: {report.estimated['fares']}"]
        assert f"7 days to {as_of}: mae" in told[0]
    return project


def test_estimates_stand_beside_what_performance_shows(
    estimated: Project, first_build: dict[str, pl.DataFrame]
) -> None:
    rows = estimated.read("estimated_performance", "estimated_from = 'features'")
    shown = first_build["performance"].filter(pl.col("reference") == "previous")
    both = rows.join(shown, on=KEYS, suffix="_shown")
    assert both.height == rows.height > 0
    assert set(rows["model_version"]) == {"m2", "serving"}
    assert set(rows["segment_value"]) == {"all", "inner", "outer", "unknown"}
    for row in both.iter_rows(named=True):
        assert row["is_mature"] == (row["metric_date"] == EARLIER)
        expected = row["metric_value"] if row["is_mature"] else None
        assert row["realised_value"] == expected
        assert row["row_count"] == row["row_count_shown"]
    week = rows.filter(
        (pl.col("window_days") == 7)
        & (pl.col("segment_name") == "overall")
        & (pl.col("metric_name") == "mae")
    )
    assert week["status"].to_list() == ["ok"] * 4
    assert week.filter("is_mature").select(
        inside=pl.col("realised_value").is_between("lower_bound", "upper_bound")
    )["inside"].to_list() == [True, True]


def test_binary_monitors_are_as_they_were(
    estimated: Project, first_build: dict[str, pl.DataFrame]
) -> None:
    rows = estimated.read("estimated_performance", "estimated_from = 'scores'")
    assert rows.sort(KEYS).equals(first_build["estimated_performance"].sort(KEYS))


def test_what_was_said_later_is_not_seen_and_lost_rows_make_it_stale(estimated: Project) -> None:
    later = nasty.AS_OF + timedelta(days=1)
    before = estimated.read("estimated_performance", "estimated_from = 'features'")
    with duckdb.connect(str(estimated.paths.warehouse)) as connection:
        connection.execute(
            f"insert into {TABLE} select * replace (date '{later}' as as_of, 0.0 as "
            f"estimated_value) from {TABLE}"
        )
    again = estimated.read("estimated_performance", "estimated_from = 'features'")
    assert again.sort(KEYS).equals(before.sort(KEYS))
    with duckdb.connect(str(estimated.paths.warehouse)) as connection:
        connection.execute(f"update {TABLE} set window_rows = window_rows + 1")
    stale = estimated.read("estimated_performance", "estimated_from = 'features'")
    assert set(stale["status"]) == {"stale", "insufficient_data"}
