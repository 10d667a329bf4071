"""Monitors whose features are of one kind, or more than one scan of the log takes."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from project import Project

ROWS = 40 * 20
# One more than a scan takes, so that the last scan has no number.
NUMBERS = [f"number_{place}" for place in range(40)]
FEATURES: dict[str, dict[str, list[str]]] = {
    "letters": {"categorical": ["letter"]},
    "numbers": {"numeric": NUMBERS[:1]},
    "many": {"numeric": NUMBERS, "categorical": ["letter"]},
}


def log() -> pl.DataFrame:
    rng = np.random.default_rng(5)
    start = datetime(2026, 1, 1)
    return pl.DataFrame(
        {
            "row_id": np.arange(ROWS),
            "predicted_at": [start + timedelta(minutes=72 * row) for row in range(ROWS)],
            "version": "v1",
            "score": rng.random(ROWS),
            "label": rng.integers(0, 2, size=ROWS),
            "region": rng.choice(["north", "south"], size=ROWS),
            "letter": rng.choice(["a", "b", None], size=ROWS),
            **{name: rng.normal(size=ROWS) for name in NUMBERS},
        }
    )


def monitor(features: dict[str, list[str]]) -> dict[str, Any]:
    return {
        "description": "Features of a kind",
        "owner": "tests",
        "task": "binary",
        "inferences": {"source": ["serving", "log"]},
        "columns": {
            "id": "row_id",
            "predicted_at": "predicted_at",
            "model_version": "version",
            "score": "score",
            "label": "label",
        },
        "time_zone": "UTC",
        "label_horizon_days": 3,
        "features": features,
        "segments": {"region": "region"},
        "primary_metric": "brier",
    }


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    folder: Path = tmp_path_factory.mktemp("kinds")
    monitors = {name: monitor(features) for name, features in FEATURES.items()}
    found = Project.create(folder, monitors, {"log": log()})
    found.build(select=["+feature_statistics", "+feature_drift"])
    return found


@pytest.mark.parametrize("name", FEATURES)
def test_every_feature_is_counted_and_compared(project: Project, name: str) -> None:
    rows = log().with_columns(pl.col("predicted_at").dt.date().alias("metric_date"))
    found = project.read("feature_statistics", f"monitor = '{name}' and window_days = 1")
    features = [feature for kind in FEATURES[name].values() for feature in kind]
    assert set(found["feature_name"]) == set(features)
    expected = pl.concat(
        rows.group_by("metric_date", value.alias("segment_value")).agg(
            pl.lit(feature).alias("feature_name"),
            pl.len().cast(pl.Int64).alias("row_count"),
            pl.col(feature).null_count().cast(pl.Int64).alias("null_count"),
            (pl.lit(None) if feature == "letter" else pl.col(feature).mean())
            .cast(pl.Float64)
            .alias("mean"),
        )
        for feature in features
        for value in (pl.lit("all"), pl.col("region"))
    )
    key = ["metric_date", "segment_value", "feature_name"]
    both = expected.join(found, on=key, suffix="_found", how="full", coalesce=True)
    assert both.height == expected.height
    for column in ("row_count", "null_count"):
        assert both[column].equals(both[f"{column}_found"].alias(column))
    assert both["mean"].is_null().equals(both["mean_found"].is_null().alias("mean"))
    assert np.allclose(both["mean"].drop_nulls(), both["mean_found"].drop_nulls(), rtol=1e-9)
    drift = project.read("feature_drift", f"monitor = '{name}' and psi is not null")
    assert set(drift["feature_name"]) == set(features)
