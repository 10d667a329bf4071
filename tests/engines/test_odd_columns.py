"""A log whose name is as long as may be and whose columns have types of the team's own."""

from datetime import date, datetime, timedelta

import polars as pl
import pytest

from jobs.paths import Paths
from jobs.warehouse import Warehouse
from tests.engines.engine_project import EngineProject

NAME = "orders_" + "x" * 53
DAY = date(2026, 3, 1)
MONITOR = {
    "description": "Odd columns",
    "owner": "tests@example.com",
    "task": "binary",
    "inferences": {"source": ["serving", "log"]},
    "history": {"source": ["serving", "history"]},
    "columns": {
        "id": "order_id",
        "predicted_at": "ordered_at",
        "model_version": "version",
        "score": "score",
        "label": "outcome",
    },
    "time_zone": "UTC",
    "label_horizon_days": 0,
    "features": {"numeric": ["price"], "categorical": ["channel"]},
    "primary_metric": "roc_auc",
}


def rows(first: date, days: int) -> pl.DataFrame:
    """Four rows a day."""
    start = datetime.combine(first, datetime.min.time())
    count = 4 * days
    return pl.DataFrame(
        {
            "order_id": [f"{first}-{row}" for row in range(count)],
            "ordered_at": [start + timedelta(hours=6 * row) for row in range(count)],
            "version": ["v1"] * count,
            "score": [(row % 10) / 10 for row in range(count)],
            "outcome": [float(row % 2) for row in range(count)],
            "price": [float(row % 7) for row in range(count)],
            "channel": ["web", "shop"] * (count // 2),
        }
    )


@pytest.mark.parametrize("engine", ["duckdb", "postgres"], indirect=True)
def test_the_longest_name_of_a_monitor_fits(paths: Paths) -> None:
    """PostgreSQL cuts off what a name has beyond 63 bytes: two may then be one."""
    tables = {"log": rows(DAY, 5), "history": rows(DAY - timedelta(days=30), 30)}
    project = EngineProject.deployed(paths, {NAME: MONITOR}, tables)
    project.build(DAY + timedelta(days=4), ["+int_feature_moments_daily"])
    with Warehouse.open(paths) as warehouse:
        counted = warehouse.frame(
            "select origin, sum(row_count) as row_count from "
            "driftline_internal.int_feature_moments_daily "
            "where monitor = ? and feature_name = 'price' group by origin order by origin",
            [NAME],
        )
    assert counted.rows() == [("history", 120), ("log", 20)]
