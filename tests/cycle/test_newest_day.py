"""The day a cycle takes when none is named."""

import shutil
from pathlib import Path

import deployment as world
import duckdb
import polars as pl

from jobs.cycle import Deployment, newest_day
from jobs.paths import Paths


def test_a_clock_that_was_wrong_does_not_carry_the_monitor_into_the_future(
    before: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "deployment"
    shutil.copytree(before, folder)
    paths = Paths.find(folder / "dbt_project", folder / "profiles")
    deployment = Deployment.of(paths)
    (monitor,) = deployment.project.monitors.values()
    day = world.tables()["order_labels"]["labeled_at"].cast(pl.Date).max()
    assert newest_day(deployment, monitor) == day

    with duckdb.connect(str(paths.warehouse)) as connection:
        for table, column in (("order_log", "ordered_at"), ("order_labels", "labeled_at")):
            connection.execute(f"insert into serving.{table} ({column}) values ('2999-01-01')")

    assert newest_day(deployment, monitor) == day
