"""Data drift or concept drift of every task, on the relations that a build leaves."""

from collections.abc import Callable

import duckdb
import nasty
import numpy as np
import polars as pl
import pytest
from project import Project
from reading import Reading
from sklearn import metrics
from test_task_marts import Tables, rows_of
from truth.estimates_by_task import Rows

from jobs.attribution.folds import Trees
from jobs.attribution.question import ask
from jobs.attribution.records import TABLE
from jobs.attribution.run import AttributionPlan, attribute
from jobs.config import load_project
from jobs.errors import NothingToDo


def squared_error(rows: Rows) -> float:
    return float(metrics.mean_squared_error(rows.columns["label"], rows.columns["score"]))


def log_loss(rows: Rows) -> float:
    scores = rows.columns["scores"]
    of_label = scores[np.arange(len(scores)), rows.columns["label"]]
    # Logged scores may add up to 1.01; scikit-learn would scale them.
    return float(-np.log(np.maximum(of_label, np.finfo(float).eps)).mean())


LOSSES: dict[str, tuple[str, Callable[[Rows], float]]] = {
    "fares": ("squared_error", squared_error),
    "tickets": ("log_loss", log_loss),
}


@pytest.mark.parametrize("name", LOSSES)
def test_the_change_that_is_split_is_that_of_the_raw_rows(
    built: Project, tables: Tables, name: str
) -> None:
    metric_name, loss = LOSSES[name]
    monitor = load_project(built.paths.project_dir).monitor(name)
    plan = AttributionPlan(min_rows=20, trees=Trees(rounds=5))
    with duckdb.connect(str(built.paths.warehouse), read_only=True) as connection:
        reading = Reading(connection)
        question = ask(reading, monitor, nasty.AS_OF, 7)
        attribute(reading.connect, monitor, question, plan)
    rows = rows_of(tables, name, question.model_version, "overall", "all").judged
    written = reading.written[TABLE]
    judged = written.filter(pl.col("status") == "judged")
    assert judged.height == 2
    for row in judged.iter_rows(named=True):
        last = question.metric_date.toordinal()
        now = rows.between(last - 6, last)
        then = rows.between(row["reference_from"].toordinal(), row["reference_to"].toordinal())
        assert row["metric_name"] == metric_name
        assert row["current_rows"] == row["sampled_current_rows"] == len(now.day)
        assert row["reference_rows"] == row["sampled_reference_rows"] == len(then.day)
        assert row["current_loss"] == pytest.approx(loss(now), rel=1e-9)
        assert row["reference_loss"] == pytest.approx(loss(then), rel=1e-9)
        parts = [row[f"{one}_effect"] for one in ("mix", "concept", "out_of_support")]
        size = row["current_loss"] + row["reference_loss"]
        assert abs(sum(parts) - (loss(now) - loss(then))) < 1e-9 * size


def test_a_ranking_has_no_loss_of_a_row(built: Project) -> None:
    monitor = load_project(built.paths.project_dir).monitor("searches")
    with (
        duckdb.connect(str(built.paths.warehouse), read_only=True) as connection,
        pytest.raises(NothingToDo, match="found task ranking; expected binary, multiclass, r"),
    ):
        ask(Reading(connection), monitor, nasty.AS_OF, 7)
