"""A small deployment whose world turns round after the first model: a retrain must follow."""

import csv
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
from project import Project

HISTORY_FROM = date(2024, 1, 1)
LOG_FROM = date(2024, 3, 15)
FIRST_AS_OF = LOG_FROM - timedelta(days=1)
SECOND_AS_OF = LOG_FROM + timedelta(days=44)
ROWS_A_DAY = 120
POLICIES = {
    "min_training_rows": "1000",
    "min_interval_days": "7",
    "training_window_days": "45",
    "holdout_days": "14",
    "validation_days": "7",
}

MONITOR = {
    "description": "Made-up orders whose meaning changes",
    "owner": "tests@example.com",
    "task": "binary",
    "inferences": {"source": ["serving", "order_log"]},
    "labels": {"source": ["serving", "order_labels"]},
    "history": {"source": ["serving", "order_history"]},
    "requests": {"source": ["serving", "order_requests"]},
    "columns": {
        "id": "order_id",
        "predicted_at": "ordered_at",
        "loaded_at": "loaded_at",
        "model_version": "model_version",
        "is_shadow": "is_shadow",
        "score": "score",
        "label": "returned",
        "labeled_at": "labeled_at",
    },
    "time_zone": "UTC",
    "label_horizon_days": 1,
    "features": {"numeric": ["price", "age"], "categorical": ["channel"]},
    "segments": {"channel": "channel"},
    "primary_metric": "roc_auc",
    "retrain": True,
}


def orders(first: date, last: date, turned: bool, seed: int) -> pl.DataFrame:
    """Orders with labels; `turned` reverses what price says about the label."""
    rng = np.random.default_rng(seed)
    days = (last - first).days + 1
    count = days * ROWS_A_DAY
    price, age = rng.normal(size=count), rng.normal(size=count)
    logit = (-1.5 if turned else 1.5) * price + 0.5 * age - 0.5
    moments = [
        datetime.combine(first, datetime.min.time())
        + timedelta(days=row // ROWS_A_DAY, minutes=int(10 * (row % ROWS_A_DAY)))
        for row in range(count)
    ]
    return pl.DataFrame(
        {
            "order_id": [f"{first:%m%d}-{row:06d}" for row in range(count)],
            "ordered_at": moments,
            "price": price,
            "age": age,
            "channel": rng.choice(["web", "shop"], size=count),
            "returned": (rng.random(count) < 1 / (1 + np.exp(-logit))).astype(int),
            "labeled_at": [moment + timedelta(hours=6) for moment in moments],
        }
    )


def tables() -> dict[str, pl.DataFrame]:
    """The history and everything that arrives later."""
    served = orders(LOG_FROM, SECOND_AS_OF, turned=True, seed=2)
    requests = served.drop("returned", "labeled_at").with_columns(loaded_at=pl.col("ordered_at"))
    log = requests.clear().with_columns(
        model_version=pl.lit(None, pl.String),
        is_shadow=pl.lit(None, pl.Boolean),
        score=pl.lit(None, pl.Float64),
    )
    return {
        "order_history": orders(HISTORY_FROM, FIRST_AS_OF, turned=False, seed=1),
        "order_requests": requests,
        "order_labels": served.select("order_id", "returned", "labeled_at"),
        "order_log": log,
    }


def add_policies(project: Project) -> None:
    """Let little data and short windows do."""
    with project.paths.policies.open("a", newline="") as file:
        for parameter, value in POLICIES.items():
            csv.writer(file).writerow(
                [f"test_{parameter}", "orders", "retraining", "*", "*", "*", "*", parameter, value,
                 "1900-01-01", ""]
            )  # fmt: skip


def create(folder: Path, monitors: dict[str, object] | None = None) -> Project:
    """The deployment with its data, nothing run yet."""
    project = Project.create(folder, monitors or {"orders": MONITOR}, tables())
    add_policies(project)
    return project
