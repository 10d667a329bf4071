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
    "labels": {"source": ["serving", "labels"]},
    "history": {"source": ["serving", "history"]},
    "columns": {
        "id": "order_id",
        "predicted_at": "ordered_at",
        "model_version": "version",
        "score": "score",
        "label": "outcome",
        "labeled_at": "known_at",
    },
    "time_zone": "UTC",
    "label_horizon_days": 0,
    "features": {"numeric": ["price", "is_gift"], "categorical": ["channel"]},
    "segments": {"channel": "channel", "half": "price / 2"},
    "primary_metric": "roc_auc",
}


def rows(first_id: int, first: date, days: int) -> pl.DataFrame:
    """Four rows a day, whose ids and categories are floats, and one of them twice."""
    start = datetime.combine(first, datetime.min.time())
    count = 4 * days
    found = pl.DataFrame(
        {
            "order_id": [float(first_id + row) for row in range(count)],
            "ordered_at": [start + timedelta(hours=6 * row) for row in range(count)],
            "version": [1.0] * count,
            "score": [(row % 10) / 10 for row in range(count)],
            "outcome": [float(row % 2) for row in range(count)],
            "price": [float(row % 7) for row in range(count)],
            "is_gift": [[True, False, None, False][row % 4] for row in range(count)],
            "channel": [[1.0, 20.0, None, 0.5][row % 4] for row in range(count)],
        }
    )
    return pl.concat([found, found[-1]])


def labels(log: pl.DataFrame) -> pl.DataFrame:
    """Of whole ids."""
    return log.unique("order_id", maintain_order=True).select(
        pl.col("order_id").cast(pl.Int64), "outcome", pl.col("ordered_at").alias("known_at")
    )


@pytest.mark.parametrize("engine", ["duckdb", "postgres"], indirect=True)
def test_odd_columns_are_the_same_on_every_engine(paths: Paths) -> None:
    """PostgreSQL cuts off what a name has beyond 63 bytes and casts no boolean to a double; each
    engine has its own text of a float."""
    log = rows(1000, DAY, 5)
    history = rows(1, DAY - timedelta(days=30), 30).with_columns(known_at="ordered_at")
    tables = {"log": log, "labels": labels(log), "history": history}
    project = EngineProject.deployed(paths, {NAME: MONITOR}, tables)
    project.build(DAY + timedelta(days=4), ["+int_feature_moments_daily", "+int_inferences"])
    with Warehouse.open(paths) as warehouse:
        counted = warehouse.frame(
            "select origin, feature_name, cast(sum(row_count) as bigint) as row_count, "
            "cast(sum(null_count) as bigint) as null_count, "
            "sum(value_sum + value_count * centre) as value_sum, "
            "min(min_value) as min_value, max(max_value) as max_value "
            "from driftline_internal.int_feature_moments_daily where monitor = ? "
            "and feature_name in ('price', 'is_gift') and segment_name = 'overall' "
            "group by origin, feature_name order by origin, feature_name",
            [NAME],
        )
        segments = warehouse.frame(
            "select distinct segment_name, segment_value from "
            "driftline_internal.int_feature_moments_daily where segment_name <> 'overall'"
        )
        served = warehouse.frame(
            "select inference_id, model_version, label, categorical_values, segment_values "
            "from driftline_internal.int_inferences where origin = 'log'"
        )
    assert counted.rows() == [
        ("history", "is_gift", 120, 30, 30.0, 0.0, 1.0),
        ("history", "price", 120, 0, 357.0, 0.0, 6.0),
        ("log", "is_gift", 20, 5, 5.0, 0.0, 1.0),
        ("log", "price", 20, 0, 57.0, 0.0, 6.0),
    ]
    halves = ["0", "0.5", "1", "1.5", "2", "2.5", "3"]
    assert sorted(segments.rows()) == [
        *[("channel", channel) for channel in ("0.5", "1", "20", "unknown")],
        *[("half", half) for half in halves],
    ]
    channels = ["1", "20", None, "0.5"]
    assert sorted(served.rows()) == [
        (
            str(1000 + row),
            "1",
            float(row % 2),
            [channels[row % 4]],
            [channels[row % 4], halves[row % 7]],
        )
        for row in range(20)
    ]
