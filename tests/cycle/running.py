"""Runs cycles of a deployment in processes of their own and reads what they left."""

import json
import sqlite3
import subprocess
import sys
from datetime import date
from functools import cache
from pathlib import Path

import duckdb
import polars as pl

DRIVER = Path(__file__).with_name("run_until.py")

# When a row was written and how long a training took may differ; nothing else may.
CLOCK = {"recorded_at", "seconds"}
KEPT = {
    "int_built_days",
    "int_feature_bins",
    "int_feature_distance",
    "int_feature_histogram_daily",
    "int_feature_moments_daily",
    "int_label_ages_daily",
    "int_metric_estimates",
    "int_metric_window",
    "int_performance_daily",
    "int_prediction_bins",
    "int_prediction_distance",
    "int_repeated_rows",
    "int_score_histogram_daily",
    "int_thresholds_daily",
}


def start(folder: Path, as_of: date) -> subprocess.Popen[str]:
    """Start one cycle; what it says can be read while it runs."""
    return _python(str(folder), as_of.isoformat())


def drive(folder: Path, as_of: date, *killed_at: str) -> tuple[int, str]:
    """Run one cycle, perhaps killed at a boundary; returns its exit status (negative: the signal
    that ended it) and its words."""
    driver, told = _driver(), folder.with_name(f"{folder.name}.told")
    assert driver.stdin is not None and driver.stdout is not None
    print(json.dumps([str(folder), as_of.isoformat(), str(told), *killed_at]), file=driver.stdin)
    driver.stdin.flush()
    return int(driver.stdout.readline()), told.read_text()


@cache
def _driver() -> subprocess.Popen[str]:
    """The process that forks the cycles of this one; it ends when this one does."""
    return _python()


def _python(*words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(DRIVER), *words],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2],
        env={
            "PATH": "/usr/bin:/bin", "PYTHONPATH": ".", "HOME": str(DRIVER.parent),
            # A killed process cannot give its semaphores back.
            "PYTHONWARNINGS": "ignore:resource_tracker:UserWarning",
        },
    )  # fmt: skip


def state(folder: Path) -> dict[str, object]:
    """Everything that a cycle leaves behind, without the clock."""
    warehouse = folder / "warehouse" / "warehouse.duckdb"
    found: dict[str, object] = {}
    for file in (warehouse, warehouse.with_name("warehouse.published.duckdb")):
        with duckdb.connect(str(file), read_only=True) as connection:
            names = connection.execute(
                "select table_schema, table_name from information_schema.tables "
                "where table_type = 'BASE TABLE'"
            ).fetchall()
            # What a build works with, and numbers of builds, tell of the last build alone: after a
            # killed cycle that is another one.
            names = [
                (schema, name)
                for schema, name in names
                if schema != "driftline_internal" or name in KEPT
            ]
            for schema, name in names:
                frame = pl.DataFrame(
                    connection.sql(f'select * from "{schema}"."{name}"').to_arrow_table()
                )
                frame = frame.drop([column for column in frame.columns if column in CLOCK])
                rows = sorted(map(repr, frame.rows()))
                found[f"{file.name} {schema}.{name}"] = rows
    with sqlite3.connect(warehouse.with_name("warehouse.duckdb.control.sqlite")) as store:
        found["pointers"] = sorted(store.execute("select * from pointers").fetchall())
        found["history"] = store.execute(
            "select deployment_id, monitor, model_version, previous_version, action, effective_on, "
            "run_id from pointer_history order by deployment_id"
        ).fetchall()
    for file in sorted((folder / "warehouse" / "artifacts").rglob("*")):
        if file.is_file():
            found[f"artifact {file.relative_to(folder)}"] = file.read_bytes()
    return found
