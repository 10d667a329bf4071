"""Labels and scores that are there and mean nothing to the task: they are seen, not dropped."""

from datetime import datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest
from project import Project

DAYS, ROWS = 12, 60
FIRST = datetime(2026, 5, 4)
THRESHOLDS = {"yellow": 0.02, "red": 0.1}
# How often each label is said, as text or number, and which of them the task can use.
SAID: dict[str, tuple[list[Any], list[float], set[Any]]] = {
    # The class of the configuration is "hamster", and nobody says so.
    "pets": (["cat", "dog", "hamstr", " ", None], [0.5, 0.2, 0.2, 0.05, 0.05], {"cat", "dog"}),
    "loans": (["1", "0", "2", "yes", "", None], [0.3, 0.5, 0.02, 0.03, 0.05, 0.1], {"0", "1"}),
    "prices": (["12.5", "8", "12,5", "-inf", None], [0.5, 0.4, 0.03, 0.02, 0.05], {"12.5", "8"}),
    "answers": ([0.0, 2.0, -1.0, None], [0.5, 0.4, 0.05, 0.05], {0.0, 2.0}),
}
COLUMNS = {"id": "row_id", "predicted_at": "at", "model_version": "version", "label": "label"}
OF_TASK: dict[str, dict[str, Any]] = {
    "pets": {
        "task": "multiclass",
        "columns": COLUMNS
        | {"class_scores": {"cat": "p_cat", "dog": "p_dog", "hamster": "p_hamster"}},
        "primary_metric": "accuracy",
    },
    "loans": {
        "task": "binary",
        "columns": COLUMNS | {"score": "p_cat"},
        "unlabeled_means": "negative",
        "primary_metric": "brier",
    },
    "prices": {
        "task": "regression",
        "columns": COLUMNS | {"score": "no_number"},
        "primary_metric": "mae",
    },
    "answers": {
        "task": "ranking",
        "columns": COLUMNS | {"score": "p_cat", "query": "query"},
        "primary_metric": "ndcg",
    },
}


def log(name: str) -> pl.DataFrame:
    rng = np.random.default_rng(11)
    values, shares, _ = SAID[name]
    n = DAYS * ROWS
    chances = rng.dirichlet([3, 2, 1], n)
    return pl.DataFrame(
        {
            "row_id": [f"{row}" for row in range(n)],
            "at": [FIRST + timedelta(days=row // ROWS, minutes=row % ROWS) for row in range(n)],
            "version": "v1",
            "label": [values[at] for at in rng.choice(len(values), n, p=shares)],
            "query": [f"q{row // 6}" for row in range(n)],
            "no_number": "high",
            "amount": rng.normal(size=n),
            **{f"p_{pet}": chances[:, at] for at, pet in enumerate(("cat", "dog", "hamster"))},
        }
    )


def reports(rows: pl.DataFrame) -> pl.DataFrame:
    """Labels of the log in a table, those of the first ten rows also said unreadably."""
    said = rows.select("row_id", "label", pl.col("at").alias("said_at"))
    return pl.concat([said, said[:10].with_columns(pl.lit("zebra").alias("label"))])


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    monitors: dict[str, Any] = {}
    for name, of_task in OF_TASK.items():
        common = {"description": name, "owner": "tests", "time_zone": "UTC"}
        common |= {"label_horizon_days": 1, "features": {"numeric": ["amount"]}}
        monitors[name] = common | of_task | {"inferences": {"source": ["serving", name]}}
    monitors["pets"]["labels"] = {"source": ["serving", "pet_labels"]}
    monitors["pets"]["columns"] = monitors["pets"]["columns"] | {"labeled_at": "said_at"}
    tables = {name: log(name) for name in OF_TASK} | {"pet_labels": reports(log("pets"))}
    found = Project.create(tmp_path_factory.mktemp("unusable"), monitors, tables)
    found.build(select=["+data_quality"])
    return found


def said_by_day(name: str) -> pl.DataFrame:
    """Labels that are said and usable, and those that are said and not, of each day."""
    is_usable = pl.col("label").is_in(list(SAID[name][2]))
    label = pl.col("label").cast(pl.String).str.strip_chars()
    is_said = label.is_not_null() & (label != "")
    if name == "pets":  # of two at one moment the one that can be read
        at_once = pl.int_range(pl.len()) < 10
        is_said = is_said | at_once
    return (
        log(name)
        .with_columns(is_said.fill_null(value=False).alias("is_said"))
        .with_columns((pl.col("is_said") & is_usable.fill_null(value=False)).alias("is_usable"))
        .group_by(pl.col("at").dt.date().alias("metric_date"))
        .agg(
            (pl.col("is_said") & ~pl.col("is_usable")).sum().alias("unusable"),
            pl.col("is_said").sum().alias("said"),
        )
        .sort("metric_date")
    )


@pytest.mark.parametrize("name", OF_TASK)
def test_labels_that_are_lost_are_counted_and_never_expected(project: Project, name: str) -> None:
    found = project.read(
        "data_quality", f"monitor = '{name}' and check_name = 'unusable_label_share'"
    ).sort("metric_date")
    said = said_by_day(name)
    assert said["unusable"].sum() > DAYS
    assert found["metric_date"].equals(said["metric_date"])
    assert found["numerator"].to_list() == said["unusable"].to_list()
    labels = said["said"].to_list()
    if name == "loans":  # rows of which nothing is said are negatives from the horizon on
        labels[: DAYS - 2] = [ROWS] * (DAYS - 2)
    assert found["denominator"].to_list() == labels
    assert set(found["expected"]) == {0.0}
    for row in found.iter_rows(named=True):
        flags = [flag for flag, least in THRESHOLDS.items() if row["check_value"] >= least]
        status = (flags or ["ok"])[-1]
        if row["denominator"] < 50:
            status = "insufficient_data"
        assert row["status"] == status, row
    assert {"yellow", "red"} & set(found["status"])


def test_a_score_that_is_never_a_number_is_red_though_it_was_always_so(project: Project) -> None:
    found = project.read("data_quality", "check_name = 'null_score_share'").sort("metric_date")
    prices = found.filter(pl.col("monitor") == "prices")
    assert set(prices["check_value"]) == {1.0}
    assert set(prices["expected"].drop_nulls()) == {1.0}
    assert prices["status"].to_list() == ["insufficient_data"] * 7 + ["red"] * (DAYS - 7)
    others = found.filter(pl.col("monitor") != "prices")
    assert set(others["status"]) == {"insufficient_data", "ok"}
