"""The training window of a day that nobody named, and that may still fill."""

from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest
from project import Project

FIRST, DAYS, ROWS, HORIZON = date(2026, 2, 2), 75, 20, 2
NEWEST = FIRST + timedelta(days=DAYS - 1)
MONITOR: dict[str, Any] = {
    "description": "Only positives are reported",
    "owner": "tests",
    "task": "binary",
    "inferences": {"source": ["serving", "log"]},
    "labels": {"source": ["serving", "said"]},
    "requests": {"source": ["serving", "log"]},
    "columns": {
        "id": "row_id",
        "predicted_at": "asked_at",
        "model_version": "version",
        "score": "score",
        "label": "label",
        "labeled_at": "said_at",
    },
    "time_zone": "UTC",
    "label_horizon_days": HORIZON,
    "unlabeled_means": "negative",
    "features": {"numeric": ["amount"]},
    "primary_metric": "brier",
    "retrain": True,
}


def tables() -> dict[str, pl.DataFrame]:
    rng = np.random.default_rng(3)
    start = datetime(FIRST.year, FIRST.month, FIRST.day, 9)
    n = DAYS * ROWS
    log = pl.DataFrame(
        {
            "row_id": [f"{row}" for row in range(n)],
            "asked_at": [
                start + timedelta(days=row // ROWS, minutes=row % ROWS) for row in range(n)
            ],
            "version": "v1",
            "score": rng.random(n),
            "amount": rng.normal(size=n),
        }
    )
    said = log.filter(pl.Series(rng.random(n) < 0.4)).select(
        "row_id",
        pl.lit(1).alias("label"),
        (pl.col("asked_at") + timedelta(hours=6)).alias("said_at"),
    )
    return {"log": log, "said": said}


@pytest.mark.parametrize(("as_of", "whole"), [(None, NEWEST - timedelta(days=1)), (NEWEST, NEWEST)])
def test_it_ends_with_the_last_day_whose_labels_are_due(
    tmp_path_factory: pytest.TempPathFactory, as_of: date | None, whole: date
) -> None:
    """Positives come before negatives are assumed: a day too new would hold positives alone."""
    given = tables()
    project = Project.create(tmp_path_factory.mktemp("window"), {"lone": MONITOR}, given)
    project.build(as_of=as_of, select=["+training_window"])
    window = project.read("training_window")
    holdout = window.filter(pl.col("split") == "holdout")
    assert holdout["metric_date"].max() == whole - timedelta(days=HORIZON)
    assert set(holdout.group_by("metric_date").len()["len"]) == {ROWS}
    positives = holdout.filter(pl.col("label") == 1)["inference_id"]
    said = given["said"]["row_id"].implode()
    assert set(positives) == set(holdout.filter(pl.col("inference_id").is_in(said))["inference_id"])
    late = window.filter(pl.col("metric_date") > whole - timedelta(days=HORIZON))
    assert set(late["exclusion_reason"]) == {"not_matured"}
