"""A table that nobody shaped for Driftline: odd names, text where numbers belong, another clock."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
from project import Project

from jobs.config import check_against_warehouse, load_project
from jobs.dbt import Relations
from jobs.warehouse import Warehouse

ROWS = 40 * 30
MONITOR = {
    "description": "Risk by a rule engine",
    "owner": "tests@example.com",
    "task": "binary",
    "inferences": {"source": ["serving", "checkout"]},
    "columns": {
        "id": "Request Id",
        "predicted_at": "when",
        "model_version": "rule set",
        "score": "risk",
        "label": "charged back",
    },
    "time_zone": "Europe/Berlin",
    "label_horizon_days": 0,
    "features": {"numeric": ["order", "Cart Size"], "categorical": ["group"]},
    "primary_metric": "brier",
}


def checkout() -> pl.DataFrame:
    rng = np.random.default_rng(3)
    score = rng.random(ROWS)
    # The first day has ended in Berlin while it is still going on in UTC.
    start = datetime(2026, 1, 1, 22, 30, tzinfo=UTC)
    text = [f"{one:.6f}" for one in score]
    text[5], text[7] = "n/a", ""
    return pl.DataFrame(
        {
            "Request Id": np.arange(ROWS),
            "when": [start + timedelta(minutes=48 * row) for row in range(ROWS)],
            "rule set": "2026-a",
            "risk": text,
            "charged back": (rng.random(ROWS) < score).astype(int),
            "order": rng.normal(size=ROWS),
            "Cart Size": rng.integers(1, 9, size=ROWS),
            "group": rng.choice(["a", "b"], size=ROWS),
        }
    )


def test_is_watched_by_yaml_alone(tmp_path: Path) -> None:
    table = checkout()
    project = Project.create(tmp_path, {"checkout": MONITOR}, {"checkout": table})
    loaded = load_project(project.paths.project_dir)
    relations = Relations(project.paths)
    relations.model("alerts")
    with Warehouse.open(project.paths) as warehouse:
        check_against_warehouse(loaded, warehouse, relations)
    project.build()

    days = table["when"].dt.convert_time_zone("Europe/Berlin").dt.date().value_counts()
    drawn = project.read(
        "prediction_statistics",
        "model_version = 'serving' and window_days = 1 and segment_name = 'overall'",
    )
    assert dict(drawn.select("metric_date", "row_count").iter_rows()) == dict(days.iter_rows())
    assert drawn["null_count"].sum() == 2

    usable = table.with_columns(score=pl.col("risk").cast(pl.Float64, strict=False)).drop_nulls()
    newest = project.read(
        "performance",
        "metric_name = 'brier' and window_days = 30 and reference = 'rolling' "
        "and model_version = 'serving' and metric_date = "
        "(select max(metric_date) from driftline.performance)",
    )
    last = usable["when"].dt.convert_time_zone("Europe/Berlin").dt.date()
    month = usable.filter(last > last.max() - timedelta(days=30))
    expected = ((month["score"] - month["charged back"]) ** 2).mean()
    assert np.isclose(newest["metric_value"].item(), expected, rtol=1e-9)
    assert project.read("feature_drift", "feature_name = 'Cart Size'").height > 0
    # The newest day is not over: its few rows are no alarm.
    assert project.read("alerts", "layer = 'data_quality'").is_empty()
