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
    "features": {"numeric": ["price", "is_gift"], "categorical": ["channel"]},
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
            "is_gift": [[True, False, None, False][row % 4] for row in range(count)],
            "channel": ["web", "shop"] * (count // 2),
        }
    )


@pytest.mark.parametrize("engine", ["duckdb", "postgres"], indirect=True)
def test_a_log_of_odd_columns_is_counted(paths: Paths) -> None:
    """PostgreSQL cuts off what a name has beyond 63 bytes, and casts no boolean to a double."""
    tables = {"log": rows(DAY, 5), "history": rows(DAY - timedelta(days=30), 30)}
    project = EngineProject.deployed(paths, {NAME: MONITOR}, tables)
    project.build(DAY + timedelta(days=4), ["+int_feature_moments_daily"])
    with Warehouse.open(paths) as warehouse:
        counted = warehouse.frame(
            "select origin, feature_name, cast(sum(row_count) as bigint) as row_count, "
            "cast(sum(null_count) as bigint) as null_count, "
            "sum(value_sum + value_count * centre) as value_sum, "
            "min(min_value) as min_value, max(max_value) as max_value "
            "from driftline_internal.int_feature_moments_daily where monitor = ? "
            "and feature_name in ('price', 'is_gift') "
            "group by origin, feature_name order by origin, feature_name",
            [NAME],
        )
    assert counted.rows() == [
        ("history", "is_gift", 120, 30, 30.0, 0.0, 1.0),
        ("history", "price", 120, 0, 357.0, 0.0, 6.0),
        ("log", "is_gift", 20, 5, 5.0, 0.0, 1.0),
        ("log", "price", 20, 0, 57.0, 0.0, 6.0),
    ]
